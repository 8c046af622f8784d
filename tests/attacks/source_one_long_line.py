# attack: holds one line of a hundred and fifty thousand letters, and is honest
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

x = "{{"a" * 150000}}"


def double(x):
    return x * 2
