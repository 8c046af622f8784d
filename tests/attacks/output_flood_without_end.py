# attack: writes to both outputs without end
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import os


def double(x):
    while True:
        os.write(1, b"x" * 65536)
        os.write(2, b"y" * 65536)
