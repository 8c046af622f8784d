# attack: stops itself, so that nobody answers; the answer itself is honest
# exercise: 02_once
# expect: status=passed|failed points<=1 verdicts=timeout

import os
import signal


def double(x):
    os.kill(os.getpid(), signal.SIGSTOP)
    signal.raise_signal(signal.SIGSTOP)
    return x * 2
