# attack: forks without end
# exercise: 02_once
# expect: status=failed points<=0 verdicts=raised|crashed|timeout|out_of_memory

import os


def double(x):
    while True:
        try:
            os.fork()
        except OSError:
            pass
