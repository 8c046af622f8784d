# attack: redefines calls and parameters of every nn.Module; one parameter of the right shape deserves its point
# exercise: 03_module
# expect: status=failed points<=2 verdicts=wrong_value|wrong_shape|raised

import torch
from torch import nn

nn.Module.__call__ = nn.Module.forward = lambda self, *args: args[0]
nn.Module.named_parameters = lambda self, **k: iter([("weight", torch.ones(1))])


class Scale(nn.Module):
    pass
