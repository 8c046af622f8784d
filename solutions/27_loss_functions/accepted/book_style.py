# 按《动手学深度学习》的写法：squared_loss 加上 mean
import torch


def same_shape(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError("形状不同")


def l1_loss(y_hat, y):
    same_shape(y_hat, y)
    return torch.abs(y_hat - y).sum() / y.numel()


def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def l2_loss(y_hat, y):
    same_shape(y_hat, y)
    l = squared_loss(y_hat, y)
    return l.mean()


def smooth_l1_loss(y_hat, y, beta=1.0):
    same_shape(y_hat, y)
    x = y_hat - y
    small = (torch.abs(x) < beta).type(x.dtype)
    l = small * 0.5 * x**2 / beta + (1 - small) * (torch.abs(x) - 0.5 * beta)
    return l.mean()


# KL 散度 = 交叉熵 - 信息熵
def kl_divergence(p, q):
    same_shape(p, q)
    cross_entropy = -torch.xlogy(p, q).sum()
    entropy = -torch.xlogy(p, p).sum()
    return cross_entropy - entropy
