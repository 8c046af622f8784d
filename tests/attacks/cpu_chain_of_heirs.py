# attack: uses the processor by orphans that each leave their work to the next
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import os
import signal
import time


def double(x):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in range(4):
        if os.fork() == 0:
            while os.fork() == 0:
                os.setsid()
                sum(range(50_000))
            os._exit(0)
    time.sleep(60)
