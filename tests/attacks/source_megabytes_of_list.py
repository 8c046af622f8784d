# attack: is a list of 1.8 million numbers, which takes a gigabyte to parse
# exercise: 01_double
# expect: status=attempt_error points<=0 verdicts=

x = [{{"1," * 900000}}]


def double(x):
    return x * 2
