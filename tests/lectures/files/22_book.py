# 22: 10
# 《动手学深度学习》2.3 线性代数，函数写在一起
import math
import torch

A = torch.arange(20, dtype=torch.float32).reshape(5, 4)
x = torch.arange(4, dtype=torch.float32)
print(A, A.T, A.sum(axis=0), A.sum(axis=1, keepdims=True), torch.mv(A, x))


def mv(A, x):
    y = []
    for i in range(A.shape[0]):
        y.append((A[i, :] * x).sum())
    return torch.stack(y)


def mm(A, B):
    cols = []
    for j in range(B.shape[1]):
        cols.append(mv(A, B[:, j]))
    return torch.stack(cols, dim=1)


def norm(x, p=2):
    if p == 1:
        return torch.abs(x).sum()
    if p == 2:
        return torch.sqrt((x ** 2).sum())
    if p == math.inf:
        return torch.abs(x).max()


def power_iteration(A, x0, steps):
    v = x0
    for i in range(steps):
        v = A @ v
        v = v / torch.norm(v)
    return v @ A @ v, v


u = torch.tensor([3.0, -4.0])
print(norm(u), norm(u, 1), norm(torch.ones((4, 9))))
print(power_iteration(torch.tensor([[2.0, 1.0], [1.0, 2.0]]), torch.tensor([1.0, 0.0]), 10))
