# attack: makes every new tensor one without content; the answer itself is honest
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=crashed|raised|wrong_value|wrong_device

import torch

torch.set_default_device("meta")


def double(x):
    return x * 2
