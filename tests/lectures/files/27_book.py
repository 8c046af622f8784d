# 27: 10
# 《动手学深度学习》的习惯：先写 squared_loss，再取平均；KL 散度 = 交叉熵 - 信息熵
import torch
from torch import nn
import matplotlib.pyplot as plt

y_hat = torch.tensor([2.5, 1.2, 7.0])
y = torch.tensor([3.0, 1.0, 4.0])


def check_shape(a, b):
    if a.shape != b.shape:
        raise ValueError(f'{a.shape} vs {b.shape}')


def squared_loss(y_hat, y):
    """均方损失"""
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def l1_loss(y_hat, y):
    check_shape(y_hat, y)
    return torch.mean(torch.abs(y_hat - y))


def l2_loss(y_hat, y):
    check_shape(y_hat, y)
    return squared_loss(y_hat, y).mean()


def smooth_l1_loss(y_hat, y, beta=1.0):
    check_shape(y_hat, y)
    diff = torch.abs(y_hat - y)
    loss = torch.where(diff < beta, 0.5 * diff ** 2 / beta, diff - 0.5 * beta)
    return loss.mean()


def entropy(p):
    return -torch.nansum(p * torch.log(p))


def cross_entropy(p, q):
    ce = -torch.special.xlogy(p, q)
    return ce.sum()


def kl_divergence(p, q):
    check_shape(p, q)
    return cross_entropy(p, q) - entropy(p)


print(l1_loss(y_hat, y), nn.L1Loss()(y_hat, y))
print(l2_loss(y_hat, y), nn.MSELoss()(y_hat, y) / 2)
print(smooth_l1_loss(y_hat, y), nn.SmoothL1Loss()(y_hat, y))
p = torch.tensor([0.5, 0.4, 0.1])
q = torch.tensor([0.25, 0.25, 0.5])
print(kl_divergence(p, q), kl_divergence(q, p))
x = torch.linspace(-3, 3, 100)
plt.plot(x, [smooth_l1_loss(i, torch.tensor(0.)) for i in x])
plt.show()
