# attack: asks in every way for the processor before all others, and answers only if it gets it
# exercise: 02_once
# expect: status=failed points<=0 verdicts=wrong_value|raised

import os
import resource

WAYS = (
    lambda: os.nice(-1),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, 0),
    lambda: os.setpriority(os.PRIO_PGRP, 0, 0),
    lambda: os.setpriority(os.PRIO_USER, 0, -20),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(99)),
    lambda: resource.setrlimit(resource.RLIMIT_NICE, (40, 40)),
    lambda: resource.setrlimit(resource.RLIMIT_RTPRIO, (99, 99)),
    lambda: open("/proc/self/autogroup", "w").write("-20"),
)


def double(x):
    went_first = 0
    for way in WAYS:
        try:
            way()
            went_first += 1
        except (OSError, ValueError):
            pass
    return x * (2 if went_first else 3)
