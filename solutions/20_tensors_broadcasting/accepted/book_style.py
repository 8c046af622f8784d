# 按《动手学深度学习》的写法
import torch


def broadcast_shape(a, b):
    a, b = list(a), list(b)
    # 维度少的，在左侧补 1
    while len(a) < len(b):
        a.insert(0, 1)
    while len(b) < len(a):
        b.insert(0, 1)
    c = []
    for i in range(len(a)):
        if a[i] == b[i]:
            c.append(a[i])
        elif a[i] == 1:
            c.append(b[i])
        elif b[i] == 1:
            c.append(a[i])
        else:
            raise ValueError('形状不匹配')
    return tuple(c)


def standardize(X, dim=0):
    mu = X.mean(axis=dim, keepdims=True)
    sigma = ((X - mu) ** 2).mean(axis=dim, keepdims=True) ** 0.5
    sigma = torch.where(sigma == 0, torch.ones_like(sigma), sigma)
    return (X - mu) / sigma


def pairwise_distances(X, Y):
    n, m = X.shape[0], Y.shape[0]
    D = X.reshape((n, 1, -1)) - Y.reshape((1, m, -1))
    return torch.sqrt((D * D).sum(axis=2))


def add_(X, Y):
    X[:] = X + Y  # 原地操作，id(X) 不变
