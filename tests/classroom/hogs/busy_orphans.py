"""Forty busy daemons: double forks in sessions of their own, in other process groups."""
import os

for _ in range(20):
    if os.fork() == 0:
        os.setsid()
        for _ in range(2):
            if os.fork() == 0:
                os.setpgid(0, 0)
                while True:
                    pass
        os._exit(0)


def double(x):
    while True:
        pass
