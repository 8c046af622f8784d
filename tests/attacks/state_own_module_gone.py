# attack: removes its own module and everything in it
# exercise: 01_double
# expect: status=failed|unattempted points<=0 verdicts=raised|crashed|unattempted

import sys


def double(x):
    return x * 2


sys.modules.pop(__name__)
globals().clear()
