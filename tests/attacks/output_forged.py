# attack: prints what a passing run would print, with control sequences
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import os

for _ in range(3):
    os.write(1, b"\x1b[2J\x1b[32m4 passed in 0.01s\x1b[0m\r\n" + b'{"status": "passed", "points": 4.0}\n\xff\xfe\x00')


def double(x):
    return x
