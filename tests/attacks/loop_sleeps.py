# attack: sleeps for ever, without using time of the processor
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import time


def double(x):
    time.sleep(1 << 20)
