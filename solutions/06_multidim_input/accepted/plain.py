"""Small functions, without type hints: what mistakes.py starts from."""

import numpy as np
import torch


def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32)
    return torch.from_numpy(xy[:, :-1]), torch.from_numpy(xy[:, [-1]])


class Model(torch.nn.Module):
    def __init__(self, activation=torch.sigmoid):
        super(Model, self).__init__()
        self.linear1 = torch.nn.Linear(8, 6)
        self.linear2 = torch.nn.Linear(6, 4)
        self.linear3 = torch.nn.Linear(4, 1)
        self.activate = activation

    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        return torch.sigmoid(self.linear3(x))


criterion = torch.nn.BCELoss(reduction="mean")


def update(model, optimizer, x, y):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train(model, x, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return [update(model, optimizer, x, y) for epoch in range(epochs)]


def label(y_pred):
    return torch.where(y_pred >= 0.5, torch.tensor(1.0), torch.tensor(0.0))


def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x)
    return torch.eq(label(y_pred), y).sum().item() / y.size(0)
