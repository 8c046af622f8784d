"""Tensors everywhere, each layer kept as a closure; w.grad is thrown away instead of zeroed."""

import torch
from torch.nn import functional as F


def quadratic_gradients(x, y, w1, w2, b):
    x, y = torch.tensor([x]), torch.tensor([y])
    dy_pred = 2 * (w1 * x**2 + w2 * x + b - y)
    return tuple((dy_pred * factor).item() for factor in (x**2, x, torch.ones(1)))


class Layer:
    def forward(self, *inputs):
        result, self.undo = self.run(*inputs)
        return result

    def backward(self, *upstream):
        return self.undo(*upstream)


class Linear(Layer):
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias
        self.weight_grad, self.bias_grad = weight * 0, bias * 0

    def run(self, x):
        def undo(dy):
            self.weight_grad.add_(dy.transpose(0, 1).matmul(x))
            self.bias_grad.add_(dy.sum(dim=0, keepdim=True).squeeze(0))
            return F.linear(dy, self.weight.T)

        return F.linear(x, self.weight, self.bias), undo


class ReLU(Layer):
    def run(self, x):
        return F.relu(x), lambda dy: dy.masked_fill(x <= 0, 0)


class MSE(Layer):
    def run(self, pred, target):
        return F.mse_loss(pred, target), lambda: (pred - target).mul(2).div(target.numel())


class TwoLayerNet:
    def __init__(self, w1, b1, w2, b2):
        self.linear1, self.relu, self.linear2, self.mse = Linear(w1, b1), ReLU(), Linear(w2, b2), MSE()

    def forward(self, x, y):
        return self.mse.forward(self.linear2.forward(self.relu.forward(self.linear1.forward(x))), y)

    def backward(self):
        pred = self.mse.backward()
        h = self.linear2.backward(pred)
        z = self.relu.backward(h)
        x = self.linear1.backward(z)
        w1, b1 = self.linear1.weight_grad, self.linear1.bias_grad
        w2, b2 = self.linear2.weight_grad, self.linear2.bias_grad
        return dict(pred=pred, h=h, z=z, x=x, w1=w1, b1=b1, w2=w2, b2=b2)


def shared_node_gradients(x, w):
    x, w = torch.tensor(x), torch.tensor(w)
    u = w * x
    v = u + w
    return u, v + u, (v + u) * x + u


def train_step(x, y, w, lr):
    y_pred = torch.tensor([x]) * w
    loss = F.mse_loss(y_pred, torch.tensor([y], dtype=w.dtype))
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad = None
    return loss.detach().numpy()
