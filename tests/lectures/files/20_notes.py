# 20: 6: name_rebound
# The rule of the notes with both its conditions, and the slip that the chapter on memory warns of
import torch


def broadcast_shape(a, b):
    # each tensor has at least one dimension, and the shapes fit from the right
    if len(a) == 0 or len(b) == 0:
        raise ValueError("at least one dimension")
    if len(a) < len(b):
        a, b = b, a
    b = (1,) * (len(a) - len(b)) + b
    out = ()
    for i in range(len(a)):
        if a[i] != b[i] and a[i] != 1 and b[i] != 1:
            raise ValueError(f"{a[i]} and {b[i]}")
        out = out + (a[i] if b[i] == 1 else b[i],)
    return out


def standardize(X, dim=0):
    mu = X.mean(dim).unsqueeze(dim)
    sigma = torch.sqrt(((X - mu) ** 2).mean(dim)).unsqueeze(dim)
    return (X - mu) / torch.where(sigma == 0, torch.ones_like(sigma), sigma)


def pairwise_distances(X, Y):
    n, d = X.shape
    m, _ = Y.shape
    return (X.view(n, 1, d) - Y.view(1, m, d)).pow(2).sum(-1).sqrt()


def add_(X, Y):
    X = X + Y
    print(X)


if __name__ == "__main__":
    X = torch.ones(2, 3)
    add_(X, torch.ones(3))
    print(X)
