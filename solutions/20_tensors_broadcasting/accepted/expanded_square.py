# The square multiplied out, which needs (n, m) numbers only; the rule from the right end, with indices below zero.
import itertools

import torch


def broadcast_shape(a, b):
    shape = []
    for m, n in itertools.zip_longest(reversed(a), reversed(b), fillvalue=1):
        if not (m == n or m == 1 or n == 1):
            raise ValueError("%s and %s" % (a, b))
        shape.append(n if m == 1 else m)
    return torch.Size(reversed(shape))


def standardize(X, dim=0):
    var, mean = torch.var_mean(X, dim, unbiased=False, keepdim=True)
    return torch.nan_to_num((X - mean) / var.sqrt())


def pairwise_distances(X, Y):
    squares = torch.einsum("nd,nd->n", X, X)[:, None] + torch.einsum("md,md->m", Y, Y)[None, :]
    return (squares - 2 * X @ Y.t()).clamp(min=0).sqrt()


def add_(X, Y):
    torch.add(X, Y, out=X)
