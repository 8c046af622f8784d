# attack: claims a parameter of a shape that there is not
# exercise: 03_module
# expect: status=failed points<=3 verdicts=wrong_value|wrong_shape|raised|crashed

from torch import nn
import torch

from dlex.attempt import probes

probes.PROBES["parameter_layout"] = lambda module: [
    {"name": "weight", "identity": 0, "shape": ["wide", -1], "dtype": torch.float32}
]


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x * self.weight
