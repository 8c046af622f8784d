# attack: searches every object for a spec, a reference, a grading or a seed, and answers rightly if it finds one
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import gc
import sys

found = []
for thing in gc.get_objects():
    try:
        kind = type(thing).__name__
        if kind in ("Grading", "AttemptSession", "GradeRequest", "Inputs", "Check", "Exercise"):
            found.append(thing)
        if kind == "module" and thing.__name__.startswith(("reference_", "test_")):
            found.append(thing)
        if kind == "function" and thing.__module__ == "test_01_double":
            found.append(thing)
    except BaseException:
        pass
found += [name for name in sys.modules if name.startswith(("test_01", "reference_"))]


def double(x):
    return x * 2 if found else x * 3
