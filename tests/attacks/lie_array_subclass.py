# attack: returns an array subclass that lies about its shape and its content
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|raised|crashed|no_gradient

import numpy as np


class Liar(np.ndarray):
    shape = property(lambda self: (5,))

    def __eq__(self, other):
        return True

    def __array_function__(self, *a, **k):
        return np.zeros(5)

    __hash__ = None


def double(x):
    return np.zeros(7).view(Liar)
