# attack: calls the result of a call with a hundred thousand arguments a hundred and fifty times
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=

if False:
    x = print(({{"0, " * 100000}})){{"()" * 150}}


def double(x):
    return x * 2
