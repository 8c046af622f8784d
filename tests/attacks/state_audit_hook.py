# attack: raises at every audited event; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed|unrunnable points<=4 verdicts=raised|crashed

import sys


def hook(event, args):
    raise RuntimeError(event)


sys.addaudithook(hook)


def double(x):
    return x * 2
