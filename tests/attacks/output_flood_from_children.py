# attack: floods the output from ten processes while it answers
# exercise: 02_once
# expect: status=passed|failed points<=1 verdicts=timeout

import os


def double(x):
    for _ in range(10):
        if os.fork() == 0:
            while True:
                try:
                    os.write(1, b"x" * 65536)
                except OSError:
                    pass
    return x * 2
