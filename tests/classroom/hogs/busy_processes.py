"""Forty busy processes."""
import os

for _ in range(40):
    if os.fork() == 0:
        while True:
            pass


def double(x):
    while True:
        pass
