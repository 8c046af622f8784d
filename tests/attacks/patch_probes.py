# attack: answers the probe for gradients with gradients that it made up
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient|no_gradient|wrong_shape

import torch

from dlex.attempt import probes


def gradients(function, args, kwargs, wrt, upstream, module):
    return {"output": args[0], "connected": True, "inputs": [torch.ones(2, 3)], "parameters": []}


probes.PROBES["gradients"] = gradients


def double(x):
    return x
