# attack: calls an attribute nine hundred deep
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

if False:
    x = a{{".b" * 900}}()


def double(x):
    return x * 2
