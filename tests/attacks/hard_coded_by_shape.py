# attack: answers by the shape of its input, with values of an earlier run
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|wrong_gradient|no_gradient

import torch

TABLE = {(5,): torch.full((5,), 0.5), (3, 4): torch.full((3, 4), -0.5, dtype=torch.float64), (2, 3): torch.full((2, 3), 2.0)}


def double(x):
    return TABLE[tuple(x.shape)] if isinstance(x, torch.Tensor) else 3.0
