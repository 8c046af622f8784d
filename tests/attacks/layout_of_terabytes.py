# attack: claims a parameter of terabytes, of which the judge would make a tensor
# exercise: 03_module
# expect: status=failed points<=3 verdicts=wrong_value|wrong_shape|raised|crashed

from torch import nn
import torch

from dlex.attempt import probes

probes.PROBES["parameter_layout"] = lambda module: [
    {"name": "weight", "identity": 0, "shape": [1 << 20, 1 << 20], "dtype": torch.float32}
]


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x * self.weight
