# attack: reads from address zero
# exercise: 01_double
# expect: status=failed points<=0 verdicts=crashed

import ctypes


def double(x):
    ctypes.string_at(0)
