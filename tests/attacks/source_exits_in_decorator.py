# attack: does its harm in decorators, defaults and annotations
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=crashed|raised

import os


def double(x: os._exit(0) = os._exit(0)):
    return x * 2
