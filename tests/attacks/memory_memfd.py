# attack: fills a file in memory
# exercise: 10_little_memory
# expect: status=failed points<=0 verdicts=out_of_memory|raised|crashed

import os


def double(x):
    fd = os.memfd_create("x")
    while True:
        os.write(fd, b"x" * (1 << 20))
