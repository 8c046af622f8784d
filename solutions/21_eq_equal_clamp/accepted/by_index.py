# A copy, and what is outside is written over; element by element in lists where no gradient is needed.
import torch


def count_equal(a, b):
    if list(a.shape) != list(b.shape):
        raise ValueError(f"{list(a.shape)} != {list(b.shape)}")
    return sum(1 for m, n in zip(a.flatten().tolist(), b.flatten().tolist()) if m == n)


def same(a, b):
    return a.size() == b.size() and all(m == n for m, n in zip(a.flatten(), b.flatten()))


def clip(x, low, high):
    y = x.clone()
    y[x < low] = low
    y[y > high] = high
    return y


def safe_log(p):
    out = torch.full_like(p, -100.0)
    out[p != 0] = p[p != 0].log()
    return out
