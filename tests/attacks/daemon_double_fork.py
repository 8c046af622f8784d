# attack: leaves a daemon behind an honest answer
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

import os
import signal
import time


def daemon():
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    os.closerange(0, 1000)
    time.sleep(600)
    os._exit(0)


daemon()


def double(x):
    return x * 2
