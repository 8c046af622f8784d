# 28: 4: zero_is_no_mistake max_over_dim too_tight
# 笔记里的感知机：预测 +1 或 -1 再比较；relu 写成 torch.max(X, 0)，网络里又用了 nn.ReLU
import torch
from torch import nn


def predict(w, b, x):
    if (w * x).sum() + b >= 0:
        return 1
    return -1


def perceptron(X, y, max_epochs):
    w = torch.zeros(X.size(1), dtype=X.dtype)
    b = torch.tensor(0, dtype=X.dtype)
    errors = []
    for _ in range(max_epochs):
        n = 0
        for i in range(len(y)):
            if predict(w, b, X[i]) != y[i]:
                w = w + y[i] * X[i]
                b = b + y[i]
                n = n + 1
        errors.append(n)
        if n == 0:
            break
    return w, b, errors


def relu(X):
    return torch.max(X, 0)


def mlp(X, W1, b1, W2, b2):
    X = X.view(X.size(0), -1)
    act = nn.ReLU()
    H = act(torch.mm(X, W1) + b1)
    return torch.mm(H, W2) + b2


def xor_weights():
    # 一个画蓝线，一个画黄线
    return torch.tensor([[1., -1.], [-1., 1.]]), torch.zeros(2), torch.tensor([[1.], [1.]]), torch.tensor([-0.25])


X = torch.tensor([[0., 0], [0, 1], [1, 0], [1, 1]])
print(mlp(X, *xor_weights()) > 0)
