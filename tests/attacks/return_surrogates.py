# attack: returns text that cannot be written as UTF-8
# exercise: 05_values
# expect: status=failed points<=3 verdicts=wrong_value|raised|crashed

def echo(value):
    return "\ud800" if type(value) is str else value


def count(values):
    return {v: values.count(v) for v in values}
