# attack: holds constants that an optimising compiler would work out
# exercise: 02_once
# expect: status=passed|failed|unrunnable points<=1 verdicts=raised|timeout|out_of_memory

x = 0
if x:
    y = 9 ** 9 ** 9 ** 9
    z = "x" * 1000000000000


def double(x):
    return x * 2
