# gather picks the probability, softmax is shifted, the mode is put back, the sums lie in a tensor.
import torch


def softmax(X):
    shifted = X - X.max(dim=1, keepdim=True).values
    return torch.exp(shifted) / torch.exp(shifted).sum(-1).unsqueeze(-1)


def cross_entropy(y_hat, y):
    return torch.gather(y_hat, 1, y[:, None]).squeeze(1).log().neg()


def accuracy(y_hat, y):
    if y_hat.ndim == 2:
        _, y_hat = torch.max(y_hat, dim=1)
    return torch.eq(y_hat, y).sum().item()


class Accumulator:
    def __init__(self, n):
        self.totals = torch.zeros(n, dtype=torch.float64)

    def add(self, *args):
        for i in range(len(args)):
            self.totals[i] += float(args[i])

    def reset(self):
        self.totals.zero_()

    def __getitem__(self, i):
        return self.totals[i].item()


@torch.no_grad()
def evaluate_accuracy(net, data_iter):
    was_training = getattr(net, "training", False)
    if was_training:
        net.eval()
    right = total = 0
    for X, y in data_iter:
        right += accuracy(net(X), y)
        total += y.shape[0]
    if was_training:
        net.train()
    return right / total


def train_epoch_ch3(net, train_iter, loss, updater):
    if hasattr(net, "train"):
        net.train()
    sums = Accumulator(3)
    for X, y in train_iter:
        z = net(X)
        each = loss(z, y)
        if callable(updater):
            each.sum().backward()
            updater(len(X))
        else:
            each.mean().backward()
            updater.step()
            updater.zero_grad()
        sums.add(each.detach().sum(), accuracy(z, y), len(X))
    return sums[0] / sums[2], sums[1] / sums[2]
