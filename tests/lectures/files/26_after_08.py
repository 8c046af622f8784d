# 26: 7: not_per_sample share_not_count
# From the solution of exercise 08: the loss is a mean, accuracy is a share, and everything else is adapted to that.
import torch
from torch import nn


def softmax(X):
    e = torch.exp(X - X.amax(dim=1, keepdim=True))
    return e / e.sum(dim=1, keepdim=True)


def cross_entropy(y_hat, y):
    return -y_hat[torch.arange(len(y)), y].log().mean()


def accuracy(y_hat, y):
    if y_hat.dim() > 1:
        y_hat = y_hat.argmax(dim=1)
    return (y_hat == y).float().mean().item()


class Accumulator:
    def __init__(self, n):
        self.sums = [0.0 for _ in range(n)]

    def add(self, *args):
        for i, a in enumerate(args):
            self.sums[i] += float(a)

    def reset(self):
        self.sums = [0.0 for _ in self.sums]

    def __getitem__(self, idx):
        return self.sums[idx]


def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X), y) * len(y), len(y))
    return metric[0] / metric[1]


def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train()
    metric = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        l = loss(y_hat, y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(float(l.detach().sum()), accuracy(y_hat, y) * len(y), len(y))
    return metric[0] / metric[2], metric[1] / metric[2]
