# attack: keeps two processors from all others by as few processes as can do it, which only wake each other
# exercise: 02_once
# expect: status=failed points<=0 verdicts=timeout

import os


def double(x):
    for _ in range(2):
        a, b = os.pipe(), os.pipe()
        for reading, writing in ((a[0], b[1]), (b[0], a[1])):
            if os.fork() == 0:
                os.write(writing, b"x")
                while True:
                    os.write(writing, os.read(reading, 1))
    while True:
        os.sched_yield()
