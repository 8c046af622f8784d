# attack: forks in the middle of a call, so that two processes answer; both honestly
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=crashed|wrong_type|wrong_value|wrong_shape|wrong_dtype|raised|timeout

import os


def double(x):
    os.fork()
    return x * 2
