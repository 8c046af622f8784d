# attack: makes links to the solutions in its own folder and reads through them
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os
import sys

import dlex

package = os.path.dirname(dlex.__file__)
found = []
for number, target in enumerate((package + "/_course/solutions", package + "/../../solutions", "/proc/1/root" + package)):
    name = f"link{number}"
    try:
        os.symlink(target, name)
        found += [n for n in os.listdir(name) if n[:2].isdigit()]
    except OSError:
        pass


def double(x):
    return x * 2 if found else x * 3
