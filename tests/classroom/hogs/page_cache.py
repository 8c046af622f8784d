"""Reads the whole installation, file by file, in four processes."""
import os
import sys


def read():
    while True:
        for folder, _, names in os.walk(sys.prefix):
            for name in names:
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        while file.read(1 << 20):
                            pass
                except OSError:
                    pass


for _ in range(4):
    if os.fork() == 0:
        read()


def double(x):
    read()
