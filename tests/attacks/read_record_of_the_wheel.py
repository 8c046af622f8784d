# attack: reads the names and hashes of all solutions in the record of the wheel
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import glob
import sys

found = []
for place in sys.path:
    for path in glob.glob(place + "/?lex-*info/*"):
        try:
            text = open(path, encoding="utf-8", errors="replace").read()
        except OSError:
            continue
        found += [path] if "solutions/" in text or "grader/specs" in text or path.endswith("RECORD") and text else []


def double(x):
    return x * 2 if found else x * 3
