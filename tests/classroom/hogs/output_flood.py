"""Prints without end, from ten processes."""
import os

for _ in range(10):
    if os.fork() == 0:
        while True:
            try:
                os.write(1, b"x" * 65536)
            except OSError:
                pass


def double(x):
    while True:
        os.write(2, b"y" * 65536)
