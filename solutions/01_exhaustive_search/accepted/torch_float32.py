# Everything in float32 tensors, as the lecture's next chapters do; losses come back as tensors.
import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F


def forward(x, w):
    return torch.tensor(x) * torch.tensor(w)


def loss(x, y, w):
    return F.mse_loss(forward(x, w), torch.tensor(y))


def mse(xs, ys, w):
    return F.mse_loss(torch.Tensor(xs) * w, torch.Tensor(ys)).item()


def exhaustive_search(xs, ys, ws):
    losses = torch.tensor([mse(xs, ys, w) for w in ws])
    return ws[losses.argmin()], losses


def plot_loss(ws, losses):
    fig, ax = plt.subplots()
    ax.plot(torch.tensor(ws), torch.tensor(losses), color="r", label="MSE")
    ax.legend()
    ax.set(xlabel="weight", ylabel="MSE")
    plt.close(fig)
    return fig


def grid_search(xs, ys, ws, bs):
    x, y = torch.Tensor(xs), torch.Tensor(ys)
    w = torch.Tensor(ws).view(-1, 1, 1)
    b = torch.Tensor(bs).view(1, -1, 1)
    losses = (x * w + b - y).pow(2).mean(dim=2)
    i, j = divmod(losses.argmin().item(), len(bs))
    return ws[i], bs[j], losses


def split(xs, ys, n_dev):
    n = len(xs) - n_dev
    x, y = torch.Tensor(xs), torch.Tensor(ys)
    return x[:n], y[:n], x[n:], y[n:]
