# 20: 10
# 《动手学深度学习》2.1 数据操作：广播机制、节省内存，笔记里的函数写在一起
import torch

a = torch.arange(3).reshape((3, 1))
b = torch.arange(2).reshape((1, 2))
print(a, b, a + b)

X = torch.arange(12, dtype=torch.float32).reshape((3, 4))
Y = torch.tensor([[2.0, 1, 4, 3], [1, 2, 3, 4], [4, 3, 2, 1]])
before = id(Y)
Y = Y + X
print(id(Y) == before)
Z = torch.zeros_like(Y)
print('id(Z):', id(Z))
Z[:] = X + Y
print('id(Z):', id(Z))
A = X.numpy()
B = torch.tensor(A)
print(type(A), type(B))


# 右对齐：维度小的往左侧补1，然后依次判断
def broadcast_shape(a, b):
    n = max(len(a), len(b))
    a = [1] * (n - len(a)) + list(a)
    b = [1] * (n - len(b)) + list(b)
    res = []
    for x, y in zip(a, b):
        if x == y or x == 1 or y == 1:
            res.append(max(x, y))
        else:
            raise ValueError('不满足右对齐')
    return tuple(res)


def standardize(X, dim=0):
    mean = X.mean(axis=dim, keepdim=True)
    std = X.std(axis=dim, keepdim=True, unbiased=False)
    std[std == 0] = 1
    return (X - mean) / std


def pairwise_distances(X, Y):
    return ((X.unsqueeze(1) - Y.unsqueeze(0)) ** 2).sum(axis=2).sqrt()


def add_(X, Y):
    before = id(X)
    X += Y
    print(id(X) == before)


add_(X, Y)
