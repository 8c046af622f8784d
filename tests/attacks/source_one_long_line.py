# attack: holds one line of a megabyte, and is honest
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

x = "{{"a" * 1000000}}"


def double(x):
    return x * 2
