"""Forty busy processes, each in a session of its own."""
import os

for _ in range(40):
    if os.fork() == 0:
        os.setsid()
        while True:
            pass


def double(x):
    while True:
        pass
