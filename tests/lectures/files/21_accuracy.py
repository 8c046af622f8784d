# 21: 6: broadcast_comparison nan_gradient not_plain
# 从 accuracy 改来的：没有检查形状，计数是浮点张量；log 用 clamp 截断
import numpy as np
import torch

y_hat = torch.tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]])
y = torch.tensor([0, 2])


def count_equal(y_hat, y):
    cmp = y_hat.type(y.dtype) == y
    return cmp.type(y.dtype).sum()


def same(a, b):
    return tuple(a.shape) == tuple(b.shape) and np.array(a == b).all().item()


def clip(x, low, high):
    x = torch.max(x, torch.zeros_like(x) + low)
    return torch.min(x, torch.zeros_like(x) + high)


def safe_log(p):
    return torch.clamp(torch.log(p), min=-100)


print(count_equal(y_hat.argmax(axis=1), y) / len(y))
