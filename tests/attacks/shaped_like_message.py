# attack: returns dictionaries that look like results; counting is honest
# exercise: 05_values
# expect: status=failed points<=1 verdicts=wrong_type|wrong_value|wrong_shape

def echo(value):
    return {"type": "Value", "tree": value, "status": "passed", "points": 3, "verdict": "passed"}


def count(values):
    return {v: values.count(v) for v in values}
