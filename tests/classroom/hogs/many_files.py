"""Makes and removes small files and folders in ten processes."""
import os


def make():
    number = 0
    while True:
        name = f"folder{os.getpid()}-{number % 50}"
        number += 1
        os.mkdir(name)
        open(f"{name}/file", "w").close()
        os.unlink(f"{name}/file")
        os.rmdir(name)


for _ in range(10):
    if os.fork() == 0:
        make()


def double(x):
    make()
