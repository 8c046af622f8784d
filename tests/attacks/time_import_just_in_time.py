# attack: imports for nearly all of its time, again and again for each check
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout|crashed|raised

import time

time.sleep(1.2)


def double(x):
    time.sleep(60)
