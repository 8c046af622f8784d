# attack: declares a codec that makes three bytes of one
# exercise: 01_double
# expect: status=attempt_error points<=0 verdicts=

# coding: tis_620
x = "{{"a" * 150000}}"


def double(x):
    return x * 2
