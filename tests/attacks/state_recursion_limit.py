# attack: leaves hardly any stack; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed|unrunnable points<=4 verdicts=raised|crashed

import sys


def double(x):
    sys.setrecursionlimit(12)
    return x * 2
