# attack: breaks every later import; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=raised|crashed

import builtins
import sys


def refuse(*a, **k):
    raise ImportError("no")


builtins.__import__ = refuse
sys.meta_path.clear()
sys.path_hooks.clear()


def double(x):
    return x * 2
