# attack: returns subclasses of int, str, list, dict and bytes that are equal to everything
# exercise: 05_values
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|wrong_shape|raised

def always(base):
    return type("Lie", (base,), {"__eq__": lambda s, o: True, "__ne__": lambda s, o: False, "__hash__": lambda s: 0})


def echo(value):
    return always(type(value))() if type(value) is not bool else always(int)(1)


def count(values):
    return always(dict)({v: 0 for v in values})
