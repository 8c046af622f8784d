# mm as a sum of outer products, mv as a sum of columns; the eigenvalue as the ratio of two components.
import torch


def mv(A, x):
    return sum(A[:, j] * x[j] for j in range(A.size(1)))


def mm(A, B):
    total = torch.zeros((A.shape[0], B.shape[1]), dtype=A.dtype)
    for a, b in zip(A.T, B):
        total = total + a[:, None] * b
    return total


def norm(x, p=2):
    entries = x.reshape(-1)
    if p == float("inf"):
        return max(entries.max(), -entries.min())
    return (entries.abs() ** p).sum() ** (1 / p)


def power_iteration(A, x0, steps):
    x = x0 / norm(x0)
    for step in range(steps):
        x = A @ x
        x /= norm(x)
    largest = x.abs().argmax()
    return (A @ x)[largest] / x[largest], x
