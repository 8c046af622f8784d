# attack: returns lists that look like messages of the wire; counting is honest
# exercise: 05_values
# expect: status=failed points<=1 verdicts=wrong_type|wrong_value|wrong_shape

def echo(value):
    return ["r", "module", ["echo"]] if isinstance(value, str) else ["T", "float32", [6], 0, 24, False, "cpu", ""]


def count(values):
    return {v: values.count(v) for v in values}
