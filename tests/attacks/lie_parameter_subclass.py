# attack: returns a tensor whose type was renamed to torch's own
# exercise: 02_once
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|crashed

import torch


class Tensor(torch.Tensor):
    def __eq__(self, other):
        return torch.ones(5, dtype=torch.bool)

    __hash__ = None


Tensor.__module__ = "torch"
Tensor.__qualname__ = "Tensor"


def double(x):
    return torch.zeros(5).as_subclass(Tensor)
