# attack: aborts
# exercise: 01_double
# expect: status=failed points<=0 verdicts=crashed

import os


def double(x):
    os.abort()
