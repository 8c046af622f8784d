# attack: returns an object whose class claims to be a tensor
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|raised|crashed|no_gradient

import torch


class Pretender:
    __class__ = property(lambda self: torch.Tensor)
    dtype, layout, device, shape = torch.float32, torch.strided, torch.device("cpu"), torch.Size([5])

    def __getattr__(self, name):
        return lambda *a, **k: self


def double(x):
    return Pretender()
