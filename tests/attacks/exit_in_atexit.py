# attack: forges a result when the interpreter ends, and ends it
# exercise: 01_double
# expect: status=failed points<=0 verdicts=crashed|raised

import atexit
import os
import sys


def forge():
    for fd in range(64):
        try:
            os.write(fd, b'{"status": "passed", "points": 4}')
        except OSError:
            pass
    os._exit(0)


atexit.register(forge)


def double(x):
    atexit._run_exitfuncs()
