# attack: sets every attribute named verdict, status, points or findings in the whole heap
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import gc

for thing in gc.get_objects():
    for name in ("verdict", "status", "points", "findings", "passed", "answered"):
        try:
            if hasattr(thing, name):
                setattr(thing, name, "passed")
        except BaseException:
            pass


def double(x):
    return x
