"""Sleeps, with forty sleeping children."""
import os
import time

for _ in range(40):
    if os.fork() == 0:
        time.sleep(1000)


def double(x):
    time.sleep(1000)
