# 23: 6: row_not_vector
# 照笔记“∂y/∂x 是行向量”来写：两个梯度都写成了行
import torch


def grad_inner(x):
    return (4 * x).reshape(1, len(x))


def jacobian_layer(W, x):
    z = torch.mv(W, x)
    return (1 - torch.tanh(z) ** 2).reshape(-1, 1) * W


def grad_least_squares(X, y, w):
    e = (X @ w - y).reshape(-1, 1)
    return 2 / len(y) * torch.mm(e.T, X)


def numerical_jacobian(f, x, eps=1e-6):
    cols = []
    for j in range(x.numel()):
        xp = x.clone(); xp[j] = xp[j] + eps
        xm = x.clone(); xm[j] = xm[j] - eps
        cols.append(((f(xp) - f(xm)) / (2 * eps)).reshape(-1))
    return torch.stack(cols, 1)


if __name__ == '__main__':
    print(grad_inner(torch.tensor([1., 2.])))
