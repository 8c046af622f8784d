# attack: opens every wheel and archive that it can read
# exercise: 02_once
# expect: status=failed|unrunnable points<=0 verdicts=wrong_value|timeout

import glob
import sys
import zipfile

found = []
for place in {*sys.path, sys.prefix + "/lib", "/usr/share", "/usr/local/lib"}:
    for path in glob.glob(place + "/*") + glob.glob(place + "/*/*"):
        if path.endswith((".whl", ".zip", ".egg")):
            try:
                found += [n for n in zipfile.ZipFile(path).namelist() if "solutions/" in n]
            except Exception:
                pass


def double(x):
    return x * 2 if found else x * 3
