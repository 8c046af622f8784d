# attack: loops inside one call of C that holds the interpreter's lock
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import itertools


def double(x):
    return sum(itertools.repeat(1, 1 << 62))
