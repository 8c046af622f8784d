"""Writes, syncs and deletes files without end, in ten processes."""
import os


def write():
    while True:
        name = f"file{os.getpid()}"
        with open(name, "wb") as file:
            file.write(bytes(4 << 20))
            os.fsync(file.fileno())
        os.unlink(name)


for _ in range(10):
    if os.fork() == 0:
        write()


def double(x):
    write()
