# 22: 6: entry_by_entry
# 把 Hadamard 积当成了矩阵乘法；其余是对的
import torch


def mv(A, x):
    return torch.sum(A * x, axis=1)


def mm(A, B):
    return A * B


def norm(x, p=2):
    if p == float('inf'):
        return abs(x).max()
    return (abs(x) ** p).sum() ** (1 / p)


def power_iteration(A, x0, steps):
    for _ in range(steps):
        x0 = torch.mv(A, x0)
        x0 = x0 / torch.norm(x0)
    lam = torch.dot(x0, torch.mv(A, x0))
    return lam, x0


if __name__ == '__main__':
    print(mm(torch.ones(2, 2), torch.ones(2, 2)))
