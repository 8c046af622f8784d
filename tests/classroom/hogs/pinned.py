"""All on each processor in turn, wherever the others are."""
import os
import time

cores = sorted(os.sched_getaffinity(0))
for number in range(40):
    if os.fork() == 0:
        end = 0.0
        while True:
            os.sched_setaffinity(0, {cores[int(time.monotonic() * 20) % len(cores)]})
            for _ in range(50_000):
                pass


def double(x):
    while True:
        pass
