# attack: answers with uninitialised memory, where an expected value may have lain before
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|not_finite|wrong_gradient|no_gradient

import torch


def double(x):
    return torch.empty_like(x) if isinstance(x, torch.Tensor) else torch.empty(1, dtype=torch.float64).item()
