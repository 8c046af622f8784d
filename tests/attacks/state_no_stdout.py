# attack: takes the standard streams away; the answer itself is honest
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

import os
import sys

sys.stdout = sys.stderr = sys.stdin = sys.__stdout__ = sys.__stderr__ = None
os.close(0)
os.close(1)
os.close(2)


def double(x):
    return x * 2
