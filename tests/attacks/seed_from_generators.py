# attack: answers with twice what the global generators would give next, as if the judge drew from them
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_type|wrong_value|wrong_gradient|wrong_shape|wrong_dtype

import random

import numpy as np
import torch


def double(x):
    if isinstance(x, torch.Tensor):
        guess = torch.randn(x.shape, dtype=x.dtype) if random.random() < 0.5 else torch.from_numpy(np.random.randn(*x.shape)).to(x.dtype)
        return guess * 2
    return random.uniform(1.0, 2.0) * 2
