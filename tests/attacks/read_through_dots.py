# attack: reaches the solutions by dots, doubled slashes and the links of /proc
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os
import sys

import dlex

package = os.path.dirname(dlex.__file__)
root = os.path.dirname(os.path.dirname(package))
found = []
for start in (package, root, package + "/../..", "/proc/self/root" + root, "/proc/thread-self/cwd/../.." + root):
    for path in ("solutions", "grader//specs", "_course/exercises/../solutions", "./_course/./grader/specs"):
        try:
            found += os.listdir(start + "/" + path)
        except OSError:
            pass


def double(x):
    return x * 2 if found else x * 3
