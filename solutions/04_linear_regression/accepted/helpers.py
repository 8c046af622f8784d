# One epoch in a function of its own; the list of losses comes back as a numpy array.
import numpy as np
import torch
from torch import nn


class LinearModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(in_features=1, out_features=1, bias=True)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def one_epoch(model, criterion, optimizer, x, y):
    model.zero_grad()
    loss = criterion(model(x), y) * y.numel()
    loss.backward()
    optimizer.step()
    return loss.item()


def train(net, inputs, targets, num_epochs=100, learning_rate=0.01):
    criterion, optimizer = nn.MSELoss(), torch.optim.SGD(net.parameters(), lr=learning_rate)
    return np.array([one_epoch(net, criterion, optimizer, inputs, targets) for _ in range(num_epochs)])


def predict(net, inputs):
    with torch.no_grad():
        outputs = net(inputs)
    return outputs
