# attack: leaves with exit code 0 when called
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised

import sys


def double(x):
    sys.exit(0)
