# attack: follows every path that it can find to the specs and solutions, and answers rightly if it can read one
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os
import sys

paths = {os.getcwd(), *sys.path, __file__, os.path.dirname(__file__)}
frame = sys._getframe()
while frame:
    for found in list(frame.f_locals.values()):
        for name in ("hidden", "read", "scratch"):
            held = getattr(found, name, None)
            paths |= {str(p) for p in held} if isinstance(held, (list, tuple)) else {str(held)} if held else set()
    frame = frame.f_back
read = []
for path in paths:
    for up in range(5):
        for name in (
            "solutions/01_double/double.py", "grader/specs/test_01_double.py", "01_double/double.py", "test_01_double.py",
            "grader/specs/__pycache__/test_01_double.cpython-311.pyc", "solutions/01_double/__pycache__/double.cpython-311.pyc",
        ):
            try:
                with open(os.path.join(path, *[".."] * up, name), "rb") as file:
                    text = file.read()
                if b"x * 2" in text or b"rng" in text:
                    read.append(path)
            except OSError:
                pass


def double(x):
    return x * 2 if read else x * 3
