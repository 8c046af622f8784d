# Masks that are multiplied and added; the floor of the logarithm is the number whose logarithm is -100.
import math

import torch


def count_equal(a, b):
    if a.size() != b.size():
        raise ValueError("count_equal wants one shape")
    return torch.count_nonzero(a == b).item()


def same(a, b):
    if a.dim() != b.dim() or any(m != n for m, n in zip(a.shape, b.shape)):
        return False
    return not (a != b).any().item()


def clip(x, low, high):
    if low > high:
        low = high
    inside = (x >= low) & (x <= high)
    return x * inside + low * (x < low) + high * (x > high)


def safe_log(p):
    return p.double().clamp_min(math.exp(-100)).log().to(p.dtype)
