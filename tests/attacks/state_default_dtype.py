# attack: changes the default dtype; the answer itself is honest
# exercise: 01_double
# expect: status=passed points<=4 verdicts=

import torch

torch.set_default_dtype(torch.float64)


def double(x):
    return x * 2
