# attack: fills memory in forty processes, each below its limit
# exercise: 10_little_memory
# expect: status=failed points<=0 verdicts=out_of_memory|raised|crashed|timeout

import os
import time


def double(x):
    for _ in range(40):
        if os.fork() == 0:
            keep = bytearray(40 << 20)
            keep[::4096] = b"1" * len(keep[::4096])
            time.sleep(60)
    time.sleep(60)
