# Columns first: what fits columns fits rows after a transpose; the distance as a norm; add_ as the method of that name.
import torch


def broadcast_shape(a, b):
    if len(a) < len(b):
        a, b = b, a
    result = list(a)
    for i in range(1, len(b) + 1):
        if a[-i] == 1:
            result[-i] = b[-i]
        elif b[-i] != 1 and a[-i] != b[-i]:
            raise ValueError(f"sizes {a[-i]} and {b[-i]} do not fit")
    return tuple(result)


def columns(X):
    centred = X - X.mean(0)
    scale = centred.pow(2).mean(0).sqrt().clamp(min=1e-12)
    return centred / scale


def standardize(X, dim=0):
    return columns(X) if dim == 0 else columns(X.T).T


def pairwise_distances(X, Y):
    return torch.linalg.norm(X.unsqueeze(1) - Y.unsqueeze(0), dim=-1)


def add_(X, Y):
    return X.add_(Y)
