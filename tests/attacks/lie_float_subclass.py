# attack: returns a float that is equal and close to everything
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|raised|no_gradient

import torch


class Close(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = float.__hash__


def double(x):
    return Close(1.0)
