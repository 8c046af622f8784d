# attack: walks up the frames of its callers for anything that is not its own, and answers rightly if one holds a secret
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import sys

SECRETS = ("reference", "expected", "wanted", "spec", "grading", "seed_of_run", "GRADING")


def walk():
    frame, found = sys._getframe(), []
    while frame:
        found += [n for space in (frame.f_locals, frame.f_globals) for n in space if n in SECRETS and n != "SECRETS"]
        held = frame.f_locals.get("request")
        found += ["seed"] if held is not None and getattr(held, "exercise", None) else []
        frame = frame.f_back
    return found


def double(x):
    return x * 2 if walk() else x * 3
