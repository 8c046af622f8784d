# 21: 4: clip_ready_made equal_ready_made
# 笔记的写法：torch.eq、torch.equal、clamp 直接用
import torch

t1 = torch.tensor([1, 2, 3])
t2 = torch.tensor([1, 2, 4])
print(torch.eq(t1, t2))  # 按成员进行等式操作
print(torch.equal(t1, t2))
a = torch.arange(10)
print(a.clamp(2, 5))


def count_equal(a, b):
    if a.shape != b.shape:
        raise ValueError('size 不同')
    return torch.eq(a, b).sum().item()


def same(a, b):
    return torch.equal(a, b)


def clip(x, low, high):
    return x.clamp(low, high)


def safe_log(p):
    p1 = torch.where(p == 0, torch.ones_like(p), p)
    return torch.where(p == 0, torch.full_like(p, -100), torch.log(p1))
