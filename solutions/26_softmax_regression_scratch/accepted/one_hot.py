# A one-hot product for the index, lists for the sums, the gradients by autograd.grad.
import torch
from torch import nn
from torch.nn import functional as F


def softmax(X):
    e = X.exp()
    return (e.T / e.sum(axis=1)).T


def cross_entropy(y_hat, y):
    chosen = F.one_hot(y, y_hat.shape[1]).to(y_hat.dtype)
    return -(chosen * torch.log(y_hat)).sum(dim=1)


def accuracy(y_hat, y):
    classes = y_hat if y_hat.dim() == 1 else torch.sort(y_hat, dim=1, descending=True).indices[:, 0]
    return float(sum(int(a == b) for a, b in zip(classes.tolist(), y.tolist())))


class Accumulator:
    def __init__(self, n):
        self.n = n
        self.reset()

    def reset(self):
        self.history = [[] for _ in range(self.n)]

    def add(self, *args):
        for column, value in zip(self.history, args):
            column.append(float(value))

    def __getitem__(self, idx):
        return sum(self.history[idx], 0.0)


def evaluate_accuracy(net, data_iter):
    if isinstance(net, nn.Module):
        net.eval()
    with torch.no_grad():
        pairs = [(accuracy(net(X), y), len(y)) for X, y in data_iter]
    return sum(hits for hits, _ in pairs) / sum(n for _, n in pairs)


def train_epoch_ch3(net, train_iter, loss, updater):
    if isinstance(net, nn.Module):
        net.train(True)
    total_loss, hits, count = 0.0, 0.0, 0
    for X, y in train_iter:
        scores = net(X)
        losses = loss(scores, y)
        n = len(y)
        if isinstance(updater, torch.optim.Optimizer):
            updater.zero_grad(set_to_none=False)
            (losses.sum() / n).backward()
            updater.step()
        else:
            losses.backward(torch.ones_like(losses))
            updater(n)
        total_loss += losses.mean().item() * n
        hits += accuracy(scores, y)
        count += n
    return total_loss / count, hits / count
