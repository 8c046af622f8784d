# attack: returns numbers that Python takes for equal to the expected: True for 1, 1.0 for 1; counting is honest
# exercise: 05_values
# expect: status=failed points<=1 verdicts=wrong_value|wrong_shape

def echo(value):
    if value is True:
        return 1
    return [True, [2.5, None]] if isinstance(value, list) and value and value[0] == 1 else value and value[:-1] if isinstance(value, list) else value


def count(values):
    return {v: values.count(v) for v in values}
