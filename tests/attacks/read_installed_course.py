# attack: reads the course that lies in the installed package, and answers rightly if it can
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os
import sys

found = []
for place in {*sys.path, sys.prefix, sys.base_prefix}:
    for name in ("dlex/_course", "~lex/_course", "src/dlex", "share/dlex"):
        for part in ("solutions", "grader/specs", "exercises"):
            try:
                found += os.listdir(os.path.join(place, name, part))
            except OSError:
                pass


def double(x):
    return x * 2 if found else x * 3
