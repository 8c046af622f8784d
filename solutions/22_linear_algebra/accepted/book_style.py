# 按《动手学深度学习》的写法
import torch


def mv(A, x):
    return (A * x.reshape(1, -1)).sum(axis=1)


def mm(A, B):
    return torch.stack([mv(A, B[:, j]) for j in range(B.shape[1])], dim=1)


def norm(x, p=2):
    if p == 1:
        return torch.abs(x).sum()
    if p == 2:
        return (x * x).sum().sqrt()
    values, _ = x.flatten().abs().sort()
    return values[-1]


def power_iteration(A, x0, steps):
    v = x0
    for i in range(steps):
        w = (A * v).sum(axis=1)
        v = w / (w * w).sum() ** 0.5
    Av = (A * v).sum(axis=1)
    return (v * Av).sum() / (v * v).sum(), v
