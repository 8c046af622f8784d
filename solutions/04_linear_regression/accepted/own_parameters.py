# w and b as parameters without a layer; gradients zeroed at the end of each epoch; predict goes through eval mode.
import torch
from torch import nn, optim


class LinearModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.intercept = nn.Parameter(torch.zeros(()))
        self.slope = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.intercept + self.slope * x


def train(model, x, y, epochs, lr):
    model.train()
    optimizer = optim.SGD([{"params": model.parameters()}], lr)
    history = torch.zeros(epochs)
    for i in range(epochs):
        loss = torch.sum((y - model(x)) ** 2)
        history[i] = float(loss)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return history.tolist()


def predict(model, x):
    was_training = model.training
    model.eval()
    try:
        return model(x).detach()
    finally:
        model.train(was_training)
