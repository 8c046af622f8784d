# attack: looks for other folders in the one that Python is installed in
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os
import sys

PYTHONS = {"bin", "lib", "lib32", "lib64", "include", "share", "etc", "ssl", "pyvenv.cfg"}
found = []
for place in {sys.prefix, sys.base_prefix} - {"/usr", "/"}:
    try:
        found += set(os.listdir(place)) - PYTHONS
    except OSError:
        pass


def double(x):
    return x * 2 if found else x * 3
