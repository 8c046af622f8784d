# attack: prints a hundred megabytes and answers honestly
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=timeout

import sys


def double(x):
    for _ in range(25):
        sys.stdout.write("x" * (1 << 20))
    sys.stdout.flush()
    return x * 2
