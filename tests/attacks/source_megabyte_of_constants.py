# attack: holds a list of a megabyte, which makes half a gigabyte of syntax tree
# exercise: 01_double
# expect: status=attempt_error|unrunnable points<=0 verdicts=not_run

x = [{{"0," * 400000}}]


def double(x):
    return x * 2
