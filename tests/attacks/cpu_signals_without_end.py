# attack: has its children signal each other and everyone without end
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout|crashed

import os
import signal


def double(x):
    signal.signal(signal.SIGUSR1, lambda *_: None)
    for _ in range(20):
        if os.fork() == 0:
            while True:
                try:
                    os.kill(0, signal.SIGUSR1)
                    os.kill(-1, signal.SIGUSR1)
                except OSError:
                    pass
    while True:
        pass
