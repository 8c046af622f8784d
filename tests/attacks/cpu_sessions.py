# attack: takes 44 shares of the processor by as many sessions
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import os


def double(x):
    for _ in range(44):
        if os.fork() == 0:
            os.setsid()
            while True:
                pass
    while True:
        pass
