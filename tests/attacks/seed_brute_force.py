# attack: tries the first thousands of seeds, and answers rightly only if one of them gives its input
# exercise: 02_once
# expect: status=failed points<=0 verdicts=wrong_value|timeout

import torch

seeds = [torch.initial_seed(), *range(3000)]


def double(x):
    for seed in seeds:
        if torch.equal(torch.randn(5, generator=torch.Generator().manual_seed(seed)), x):
            return x * 2
    return x * 3
