# attack: makes itself idle and comes back as something better
# exercise: 02_once
# expect: status=failed points<=0 verdicts=wrong_value|raised

import os


def double(x):
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    for policy in (os.SCHED_OTHER, os.SCHED_BATCH):
        try:
            os.sched_setscheduler(0, policy, os.sched_param(0))
            return x * 2
        except OSError:
            pass
    return x * 3
