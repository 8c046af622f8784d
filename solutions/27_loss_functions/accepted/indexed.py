# Entries picked by a mask; a ValueError from a check written in each function.
import torch


def l1_loss(y_hat, y):
    if y_hat.size() != y.size():
        raise ValueError(f"{y_hat.size()} != {y.size()}")
    return torch.nn.Flatten(0)(y_hat - y).norm(p=1) / y.numel()


def l2_loss(y_hat, y):
    if y_hat.size() != y.size():
        raise ValueError(f"{y_hat.size()} != {y.size()}")
    return 0.5 * torch.mean(torch.square(y - y_hat))


def smooth_l1_loss(y_hat, y, beta=1.0):
    if y_hat.size() != y.size():
        raise ValueError(f"{y_hat.size()} != {y.size()}")
    e = (y - y_hat).abs()
    far = e >= beta
    return ((e[far] - beta / 2).sum() + (e[~far].pow(2) / 2 / beta).sum()) / e.numel()


def kl_divergence(p, q):
    if p.size() != q.size():
        raise ValueError(f"{p.size()} != {q.size()}")
    terms = torch.where(p > 0, p * (p.clamp(min=1e-30).log() - q.log()), 0)
    return terms.sum()
