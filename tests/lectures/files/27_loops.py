# 27: 4: one_branch mean_not_sum
# Numbers first, then tensors: the branch is an if, and the divergence a mean, as F.kl_div has it by default.
import torch
import torch.nn.functional as F


def same(a, b):
    if tuple(a.shape) != tuple(b.shape):
        raise ValueError("not the same shape")


def l1_loss(y_hat, y):
    same(y_hat, y)
    total = 0
    for a, b in zip(y_hat.flatten(), y.flatten()):
        total = total + abs(a - b)
    return total / y.nelement()


def l2_loss(y_hat, y):
    same(y_hat, y)
    return ((y_hat - y).pow(2) / 2).sum() / y.numel()


def smooth_l1_loss(y_hat, y, beta=1.0):
    same(y_hat, y)
    error = (y_hat - y).abs()
    if (error < beta).all():
        loss = 0.5 * error ** 2 / beta
    else:
        loss = error - 0.5 * beta
    return loss.mean()


def kl_divergence(p, q):
    same(p, q)
    terms = torch.where(p > 0, p * (p.clamp_min(1e-30).log() - q.log()), torch.zeros_like(p))
    return terms.mean()


if __name__ == "__main__":
    p, q = torch.tensor([0.5, 0.5]), torch.tensor([0.9, 0.1])
    print(kl_divergence(p, q), F.kl_div(q.log(), p))
