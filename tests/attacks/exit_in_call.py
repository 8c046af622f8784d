# attack: ends the process with exit code 0 in the middle of each check
# exercise: 01_double
# expect: status=failed points<=0 verdicts=crashed

import os


def double(x):
    os._exit(0)
