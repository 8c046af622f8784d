# attack: calls the result of a call with fifty thousand arguments a hundred and fifty times
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

if False:
    x = print(({{"0, " * 50000}})){{"()" * 150}}


def double(x):
    return x * 2
