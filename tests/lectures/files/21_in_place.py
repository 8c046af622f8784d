# 21: 5.5
# clip changes its argument, as clamp_ does; everything else is right
import torch


def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError("shapes")
    n = 0
    for x, y in zip(a.reshape(-1), b.reshape(-1)):
        if x == y:
            n += 1
    return n


def same(a, b):
    if a.shape != b.shape:
        return False
    return count_equal(a, b) == a.numel()


def clip(x, low, high):
    x[x < low] = low
    x[x > high] = high
    return x


def safe_log(p):
    return torch.where(p > 0, torch.where(p > 0, p, torch.ones_like(p)).log(), torch.tensor(-100.0, dtype=p.dtype))


x = torch.randn(5)
print(x, clip(x, -0.5, 0.5), x)
