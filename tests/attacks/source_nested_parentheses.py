# attack: nests parentheses deeper than the parser goes
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=raised

x = {{"(" * 5000}}1{{")" * 5000}}


def double(x):
    return x * 2
