# attack: returns a wrapper subclass that answers every operator by itself
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|raised|crashed|wrong_gradient|wrong_shape|no_gradient

import torch


class Wrapper(torch.Tensor):
    @staticmethod
    def __new__(cls, shape):
        return torch.Tensor._make_wrapper_subclass(cls, shape, dtype=torch.float32)

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return torch.zeros(5)


def double(x):
    return Wrapper((5,))
