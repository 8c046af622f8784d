# attack: notices that it is graded, and looks for somebody who can be talked to
# exercise: 01_double
# expect: status=failed|unrunnable points<=0 verdicts=wrong_value|raised|wrong_gradient

import inspect
import sys

GRADED = "dlex.attempt.answering" in sys.modules
STACK = inspect.stack()
SERVER = next((f.frame.f_locals["self"] for f in STACK if type(f.frame.f_locals.get("self")).__name__ == "AttemptServer"), None)
if SERVER is not None:
    SERVER.points = SERVER.passed = SERVER.answered = True
    SERVER.held.append("passed")


def double(x):
    return x if GRADED else x * 2
