# attack: returns dlex's own handles and references as values; counting is honest
# exercise: 05_values
# expect: status=failed points<=1 verdicts=wrong_type|wrong_value|wrong_shape|crashed

from dlex.protocol.wire import Handle, Reference


def echo(value):
    return Reference("module", ("echo",)) if isinstance(value, str) else Handle(0, "float", True)


def count(values):
    return {v: values.count(v) for v in values}
