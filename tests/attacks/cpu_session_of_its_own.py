# attack: answers only if it can start a session, which has its own share of the processor
# exercise: 02_once
# expect: status=failed points<=0 verdicts=wrong_value|raised

import os


def double(x):
    reading, writing = os.pipe()
    if os.fork() == 0:
        before = os.getsid(0)
        try:
            os.setsid()
        except OSError:
            pass
        os.write(writing, b"y" if os.getsid(0) != before else b"n")
        os._exit(0)
    os.wait()
    return x * (2 if os.read(reading, 1) == b"y" else 3)
