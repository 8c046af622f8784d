# attack: returns a value that would be computed only when somebody looks, with a clock that stands still
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|raised|crashed|no_gradient|timeout

import time

import numpy as np

time.time = time.perf_counter = time.monotonic = lambda: 0.0


class Lazy:
    def __init__(self, x):
        self.x = x

    def __array__(self, *a, **k):
        return np.asarray(self.x) * 2

    def tolist(self):
        return (self.x * 2).tolist()

    def __float__(self):
        return float(self.x * 2)


def double(x):
    return Lazy(x)
