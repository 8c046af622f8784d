# attack: listens to the seeds that it is told, and answers with twice what they would give instead of twice its input
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|wrong_shape|wrong_dtype|wrong_gradient

import random

import numpy as np
import torch

told = []
real = torch.manual_seed


def listening(seed):
    told.append(seed)
    return real(seed)


torch.manual_seed = listening


def double(x):
    generators = [torch.Generator().manual_seed(s) for s in told] or [torch.Generator().manual_seed(torch.initial_seed())]
    if isinstance(x, torch.Tensor):
        return torch.randn(x.shape, generator=generators[-1], dtype=x.dtype) * 2
    return torch.rand(1, generator=generators[-1], dtype=torch.float64).item() * 2
