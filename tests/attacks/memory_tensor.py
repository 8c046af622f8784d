# attack: makes a tensor of eight gigabytes
# exercise: 10_little_memory
# expect: status=failed points<=0 verdicts=out_of_memory

import torch


def double(x):
    return torch.ones(1 << 31)
