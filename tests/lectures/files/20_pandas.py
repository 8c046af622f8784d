# 20: 7: negative_root unbiased zero_division
# 用 pandas 的习惯做标准化（除以 n-1），距离按公式展开
import numpy as np
import torch


def broadcast_shape(a, b):
    la, lb = len(a), len(b)
    out = []
    for i in range(1, max(la, lb) + 1):
        x = a[-i] if i <= la else 1
        y = b[-i] if i <= lb else 1
        if x != y and x != 1 and y != 1:
            raise ValueError("不能广播")
        out.append(y if x == 1 else x)
    return tuple(out[::-1])


def standardize(X, dim=0):
    return (X - X.mean(dim, keepdim=True)) / X.std(dim, keepdim=True)


def pairwise_distances(X, Y):
    xx = (X ** 2).sum(1).reshape(-1, 1)
    yy = (Y ** 2).sum(1).reshape(1, -1)
    return (xx + yy - 2 * torch.mm(X, Y.T)).sqrt()


def add_(X, Y):
    X[:] = X + Y


x = np.arange(6).reshape(2, 3)
print(standardize(torch.tensor(x, dtype=torch.float32)))
