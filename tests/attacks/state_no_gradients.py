# attack: switches gradients off for good; the values are honest
# exercise: 01_double
# expect: status=passed|failed points<=4 verdicts=no_gradient|wrong_value|wrong_gradient|raised|crashed

import torch

torch.autograd.set_grad_enabled(False)
torch.inference_mode().__enter__()


def double(x):
    return x * 2
