# attack: asks torch for hundreds of threads and works in parallel; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed|unrunnable points<=4 verdicts=raised|crashed

import torch

torch.set_num_threads(200)
torch.ones(1 << 20).add(1).sum()


def double(x):
    return x * 2
