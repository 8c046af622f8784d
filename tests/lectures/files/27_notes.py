# 27: 3.5: no_half not_refused huber zero_times_log
# 笔记的写法：l2 就是 nn.MSELoss，smooth 抄成了 Huber，KL 照公式直接写，形状也没检查
import torch
import torch.nn as nn


def l1_loss(y_hat, y):
    return (y_hat - y).abs().mean()


def l2_loss(y_hat, y):
    return torch.mean((y_hat - y) ** 2)


def smooth_l1_loss(y_hat, y, beta=1.0):
    a = (y_hat - y).abs()
    mask = a <= beta
    l = torch.zeros_like(a)
    l[mask] = 0.5 * a[mask] ** 2
    l[~mask] = beta * (a[~mask] - 0.5 * beta)
    return l.mean()


def kl_divergence(p, q):
    # KL散度 = 交叉熵 - 信息熵
    I = -torch.log(p)          # 信息量
    H = torch.sum(p * I)
    CE = torch.sum(-p * torch.log(q))
    return CE - H


loss_func = nn.SmoothL1Loss()
print(loss_func(torch.randn(3, 5), torch.randn(3, 5)))
print(kl_divergence(torch.tensor([0.5, 0.5]), torch.tensor([0.9, 0.1])))
