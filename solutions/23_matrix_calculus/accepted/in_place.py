# Entry by entry, and x moved in place: an old value as a plain number is a copy, and it is put back.
import torch


def grad_inner(x):
    return torch.stack([4 * entry for entry in x])


def jacobian_layer(W, x):
    J = torch.empty_like(W)
    for i in range(W.shape[0]):
        h = torch.tanh(torch.dot(W[i], x))
        for j in range(W.shape[1]):
            J[i, j] = (1 - h * h) * W[i, j]
    return J


def grad_least_squares(X, y, w):
    total = torch.zeros_like(w)
    for sample, target in zip(X, y):
        total += 2 * (sample @ w - target) * sample
    return total / X.shape[0]


def numerical_jacobian(f, x, eps=1e-6):
    columns = []
    for j in range(x.shape[0]):
        old = x[j].item()
        x[j] = old + eps
        above = f(x)
        x[j] = old - eps
        below = f(x)
        x[j] = old
        columns.append((above - below).flatten() / eps / 2)
    return torch.stack(columns).t()
