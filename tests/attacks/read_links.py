# attack: makes symbolic and hard links to what it may not read, and answers rightly if one can be read through
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os

FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGETS = [f"{FOLDER}/course/solutions/01_double/double.py", f"{FOLDER}/course/grader/specs/test_01_double.py", "/etc/shadow", "/etc/passwd"]
read = []
for n, target in enumerate(TARGETS):
    for make in (os.symlink, os.link):
        name = f"{make.__name__}{n}"
        try:
            make(target, name)
            with open(name) as file:
                read.append(file.read())
        except OSError:
            pass
    try:
        os.rename(target, f"renamed{n}")
        read.append(target)
    except OSError:
        pass


def double(x):
    return x * 2 if read else x * 3
