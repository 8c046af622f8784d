# attack: traces every line of its server, and changes what it is about to send
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed|wrong_value|wrong_gradient

import sys


def trace(frame, event, arg):
    for name in ("value", "tree", "reply", "answer"):
        if name in frame.f_locals and frame.f_code.co_filename.endswith(("attempt.py", "values.py")):
            frame.f_locals[name] = None
    return trace


sys.settrace(trace)
sys.setprofile(trace)


def double(x):
    return x * 3
