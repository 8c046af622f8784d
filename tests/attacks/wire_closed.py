# attack: closes every descriptor, the wire among them
# exercise: 02_once
# expect: status=failed points<=0 verdicts=crashed

import os


def double(x):
    os.closerange(0, 1000)
    return x * 2
