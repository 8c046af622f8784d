# Entry by entry, as the formula is read; the norms with the functions that torch has for entries.
import torch


def mv(A, x):
    rows = []
    for row in A:
        rows.append(torch.sum(row * x))
    return torch.stack(rows)


def mm(A, B):
    m, n = A.shape[0], B.shape[1]
    C = torch.zeros(m, n, dtype=A.dtype)
    for i in range(m):
        for j in range(n):
            C[i, j] = (A[i] * B[:, j]).sum()
    return C


def norm(x, p=2):
    if p == 1:
        return torch.abs(x).sum()
    elif p == 2:
        return torch.sqrt(torch.sum(x ** 2))
    return torch.abs(x).amax()


def power_iteration(A, x0, steps):
    v = x0.clone()
    for i in range(steps):
        v = torch.matmul(A, v)
        v = v / torch.norm(v)
    lam = torch.dot(v, A @ v) / torch.dot(v, v)
    return lam, v
