"""The sizes are computed, the blocks come as one list, and layers are called by their forward."""

import torch
import torch.nn.functional as F

WIDTHS = {"one": 16, "five": 24, "three": 24, "pool": 24}


def side_after(side, kernel_size, pool):
    return (side - kernel_size + 1) // pool


class InceptionA(torch.nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        self.convs = torch.nn.ModuleDict({
            "pool": torch.nn.Conv2d(in_channels, WIDTHS["pool"], 1),
            "five1": torch.nn.Conv2d(in_channels, 16, 1),
            "five2": torch.nn.Conv2d(16, WIDTHS["five"], 5, 1, 2),
            "one": torch.nn.Conv2d(in_channels, WIDTHS["one"], 1),
            "three1": torch.nn.Conv2d(in_channels, 16, 1),
            "three2": torch.nn.Conv2d(16, 24, 3, 1, 1),
            "three3": torch.nn.Conv2d(24, WIDTHS["three"], 3, 1, 1),
        })

    def forward(self, x):
        c = self.convs
        out = c["one"](x)
        out = torch.hstack([out, c["five2"](c["five1"](x))])
        out = torch.hstack([out, c["three3"](c["three2"](c["three1"](x)))])
        padded = F.pad(x, (1, 1, 1, 1))
        return torch.hstack([out, c["pool"](F.avg_pool2d(padded, 3, 1))])


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        width = sum(WIDTHS.values())
        self.conv1 = torch.nn.Conv2d(1, 10, 5)
        self.conv2 = torch.nn.Conv2d(width, 20, 5)
        self.deep = InceptionA(20)
        self.shallow = InceptionA(10)
        side = side_after(side_after(28, 5, 2), 5, 2)
        self.fc = torch.nn.Linear(width * side * side, 10)

    def forward(self, x):
        x = torch.relu(F.max_pool2d(self.conv1.forward(x), 2))
        x = self.shallow.forward(x)
        x = torch.clamp(F.max_pool2d(self.conv2.forward(x), 2), min=0)
        x = self.deep.forward(x=x)
        return self.fc.forward(x.reshape(len(x), -1))
