"""Ten processes that map and unmap without end."""
import mmap
import os


def churn():
    while True:
        mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()


for _ in range(10):
    if os.fork() == 0:
        churn()


def double(x):
    churn()
