# attack: writes modules named like the standard library's, for the next process to import
# exercise: 02_once
# expect: status=passed|failed points<=100 verdicts=wrong_value|raised

import os

for place in (os.getcwd(), os.path.dirname(__file__)):
    for name in ("random", "secrets", "numpy", "pytest", "sitecustomize"):
        try:
            with open(f"{place}/{name}.py", "w") as file:
                file.write("open('/tmp/dlex_attack', 'w')\n")
        except OSError:
            pass


def double(x):
    return x * 2
