# attack: calls a thousand results in a row, which a tool that prints the syntax tree cannot follow
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

if False:
    x = print{{"()" * 900}}


def double(x):
    return x * 2
