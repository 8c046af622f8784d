# attack: declares punycode, whose decoder is quadratic
# exercise: 01_double
# expect: status=attempt_error points<=0 verdicts=

# coding: punycode
x = "{{"a" * 150000}}"


def double(x):
    return x * 2
