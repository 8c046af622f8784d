# attack: makes every comparison of torch true
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

import torch

torch.allclose = torch.equal = torch.isclose = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
torch.Tensor.__eq__ = torch.Tensor.eq = torch.Tensor.allclose = lambda self, other: torch.ones_like(self, dtype=torch.bool)
torch.Tensor.__sub__ = lambda self, other: torch.zeros_like(self)


def double(x):
    return x * 3
