# attack: leaves modes switched on that rewrite what every later operator returns
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|raised|crashed|wrong_gradient|wrong_shape|no_gradient

import torch
from torch.overrides import TorchFunctionMode


class Mode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        return torch.zeros_like(result) if type(result) is torch.Tensor and "like" not in func.__name__ else result


Mode().__enter__()


def double(x):
    return x
