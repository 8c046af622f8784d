# attack: holds a zero byte
# exercise: 01_double
# expect: status=attempt_error points<=0 verdicts=

x = "{{"\0" * 1}}"


def double(x):
    return x * 2
