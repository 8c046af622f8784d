# attack: raises an exception whose message ends the process
# exercise: 01_double
# expect: status=failed points<=0 verdicts=raised|crashed

import os


class Hostile(Exception):
    def __str__(self):
        raise KeyboardInterrupt

    def __repr__(self):
        os._exit(0)

    args = property(lambda self: 1 / 0)


def double(x):
    raise Hostile
