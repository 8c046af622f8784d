"""Eight processes that push the others' data out of the caches."""
import os

import torch

for _ in range(8):
    if os.fork() == 0:
        source, target = torch.ones(2_000_000), torch.empty(2_000_000)
        while True:
            target.copy_(source)


def double(x):
    while True:
        pass
