# attack: recurses without a limit until the C stack is gone
# exercise: 02_once
# expect: status=failed points<=0 verdicts=raised|crashed|out_of_memory|timeout

import sys

sys.setrecursionlimit(1 << 30)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name)


def double(x):
    return Deep().x
