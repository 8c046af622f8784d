# attack: uses the processor by children that are gone before anyone counts them
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout|crashed|raised

import os
import signal


def double(x):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        try:
            if os.fork() == 0:
                sum(range(50_000))
                os._exit(0)
        except OSError:
            pass
