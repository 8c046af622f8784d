# attack: returns text with placeholders, for messages that are formatted twice; counting is honest
# exercise: 05_values
# expect: status=failed points<=1 verdicts=wrong_type|wrong_value|wrong_shape

def echo(value):
    return "{what.__class__.__mro__} {0} %s %n {actual!r:>99999999} {en} ${HOME}"


def count(values):
    return {v: values.count(v) for v in values}
