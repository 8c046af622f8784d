# attack: holds as many constants as a file may, and is honest
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

x = [{{"0," * 90000}}]


def double(x):
    return x * 2
