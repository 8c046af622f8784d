# attack: holds a list of a megabyte, which makes half a gigabyte of syntax tree
# exercise: 01_double
# expect: status=passed|failed|unrunnable points<=4 verdicts=out_of_memory|raised

x = [{{"0," * 400000}}]


def double(x):
    return x * 2
