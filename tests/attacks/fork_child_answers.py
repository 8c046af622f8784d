# attack: lets a child answer wrongly while the first process waits
# exercise: 02_once
# expect: status=failed points<=0 verdicts=crashed|timeout|wrong_value

import os
import time


def double(x):
    if os.fork() == 0:
        return x * 3
    time.sleep(0.2)
    os._exit(0)
