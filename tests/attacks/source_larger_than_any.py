# attack: is larger than any source may be
# exercise: 01_double
# expect: status=attempt_error points<=0 verdicts=

# {{"x" * 2200000}}


def double(x):
    return x * 2
