"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import numpy as np
import torch


def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32)
    x_data = torch.from_numpy(xy[:, :-1])
    y_data = torch.from_numpy(xy[:, [-1]])
    return x_data, y_data


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
        x = torch.sigmoid(self.linear3(x))
        return x


def train(model, x, y, epochs, lr):
    criterion = torch.nn.BCELoss(reduction="mean")
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x)
    label = torch.where(y_pred >= 0.5, torch.tensor(1.0), torch.tensor(0.0))
    return torch.eq(label, y).sum().item() / y.size(0)
