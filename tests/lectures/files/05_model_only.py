# 05: 1
import torch
import torch.nn.functional as F
class Logistic(torch.nn.Module):
    def __init__(self):
        super(Logistic, self).__init__()
        self.linear = torch.nn.Linear(1, 1)
    def forward(self, x):
        return torch.sigmoid(self.linear(x))
