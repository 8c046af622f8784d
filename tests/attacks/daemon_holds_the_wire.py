# attack: dies and leaves a child that keeps the wire and the output open
# exercise: 02_once
# expect: status=passed|failed points<=1 verdicts=crashed

import os
import time


def double(x):
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    os._exit(0)
