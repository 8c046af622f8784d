# The smooth loss from the part of the error under beta and the part over it; the divergence outcome by outcome.
import torch


def differences(a, b):
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    return a - b


def l1_loss(y_hat, y):
    e = differences(y_hat, y)
    return torch.maximum(e, -e).mean()


def l2_loss(y_hat, y):
    e = differences(y_hat, y).flatten()
    return torch.dot(e, e) / (2 * len(e))


def smooth_l1_loss(y_hat, y, beta=1.0):
    size = differences(y_hat, y).abs()
    near = size.clamp(max=beta)
    return torch.mean(near**2 / (2 * beta) + (size - near))


def kl_divergence(p, q):
    differences(p, q)
    total = p.new_zeros(())
    for truth, prediction in zip(p, q):
        if truth > 0:
            total = total + truth * (torch.log(truth) - torch.log(prediction))
    return total
