# attack: pins forty busy processes to each processor in turn
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import os
import time


def double(x):
    cores = sorted(os.sched_getaffinity(0))
    for _ in range(40):
        if os.fork() == 0:
            while True:
                os.sched_setaffinity(0, {cores[int(time.monotonic() * 50) % len(cores)]})
    while True:
        pass
