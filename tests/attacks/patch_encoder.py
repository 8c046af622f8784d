# attack: replaces what encodes values, and sends the judge's own input back
# exercise: 01_double
# expect: status=failed points<=0 verdicts=crashed|wrong_type|wrong_value|wrong_gradient|wrong_shape|raised

from dlex.protocol import values

values.Encoder.encode = lambda self, value, depth=0: ["l", []]


def double(x):
    return x
