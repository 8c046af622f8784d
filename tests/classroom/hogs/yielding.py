"""Forty processes that give the processor back at once."""
import os

for _ in range(40):
    if os.fork() == 0:
        while True:
            os.sched_yield()


def double(x):
    while True:
        os.sched_yield()
