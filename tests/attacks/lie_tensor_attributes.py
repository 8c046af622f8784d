# attack: returns a tensor subclass whose shape, dtype and device are properties
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|raised|crashed|no_gradient|wrong_gradient|timeout

import torch


class Liar(torch.Tensor):
    shape = property(lambda self: torch.Size([5]))
    dtype = property(lambda self: torch.float32)
    device = property(lambda self: torch.device("cpu"))
    requires_grad = property(lambda self: True)


def double(x):
    return torch.zeros(3, 3).as_subclass(Liar)
