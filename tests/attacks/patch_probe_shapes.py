# attack: answers probes with values of a form that the judge cannot use; the forward pass is honest
# exercise: 03_module
# expect: status=failed points<=1 verdicts=wrong_value|wrong_shape|raised|crashed

from torch import nn
import torch

from dlex.attempt import probes

for name in ("parameters", "parameter_layout", "state", "modules"):
    probes.PROBES[name] = lambda *a, **k: [{"nonsense": 1}, 2, "x"]


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x * self.weight
