# 按《动手学深度学习》的写法
import torch


def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError('形状不同')
    cmp = torch.eq(a, b)
    return int(cmp.type(torch.int64).sum())


def same(a, b):
    if a.shape != b.shape:
        return False
    return torch.eq(a, b).sum().item() == a.numel()


def clip(x, low, high):
    # 先取最大值，再取最小值
    x = torch.max(x, torch.full_like(x, low))
    return torch.min(x, torch.full_like(x, high))


def safe_log(p):
    mask = (p == 0)
    q = torch.where(mask, torch.ones_like(p), p)
    return torch.log(q) - 100 * mask
