# 按《动手学深度学习》的写法：num_inputs 从权重读出，relu 用 torch.max；感知机带学习率
import torch


def perceptron(X, y, max_epochs):
    lr = 0.1
    w = torch.zeros(X.shape[1], dtype=X.dtype)
    b = torch.zeros(1, dtype=X.dtype)
    mistakes = []
    for epoch in range(max_epochs):
        errors = 0
        for i in range(X.shape[0]):
            if y[i] * (torch.dot(w, X[i]) + b) <= 0:
                w += lr * y[i] * X[i]
                b += lr * y[i]
                errors += 1
        mistakes.append(errors)
        if errors == 0:
            break
    return w, b, mistakes


def relu(X):
    a = torch.zeros_like(X)
    return torch.max(X, a)


def mlp(X, W1, b1, W2, b2):
    num_inputs = W1.shape[0]
    X = X.reshape((-1, num_inputs))
    H = relu(X @ W1 + b1)  # 这里“@”代表矩阵乘法
    return H @ W2 + b2


def xor_weights():
    # 一个隐藏单元看 x1 - x2，另一个看 x2 - x1，相加
    W1 = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    b1 = torch.zeros(2)
    W2 = torch.ones(2, 1)
    b2 = torch.tensor([-0.5])
    return W1, b1, W2, b2
