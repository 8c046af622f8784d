# 按课堂代码的写法：.data 更新、torch.Tensor、super(类名, self)，中文注释
import torch


def forward(x, w1, w2, b):
    return w1 * x ** 2 + w2 * x + b


def loss(y_pred, y):
    return (y_pred - y) ** 2


def quadratic_gradients(x, y, w1, w2, b):
    y_pred = forward(x, w1, w2, b)
    # 链式法则：loss -> y_pred -> 参数
    grad_w1 = 2 * (y_pred - y) * x * x
    grad_w2 = 2 * (y_pred - y) * x
    grad_b = 2 * (y_pred - y)
    return [grad_w1, grad_w2, grad_b]


class Linear(torch.nn.Module):
    def __init__(self, weight, bias):
        super(Linear, self).__init__()
        self.weight = weight
        self.bias = bias
        self.weight_grad = torch.zeros(weight.size(), dtype=weight.dtype)
        self.bias_grad = torch.zeros(bias.size(), dtype=bias.dtype)

    def forward(self, x):
        self.input = x
        return torch.mm(x, self.weight.t()) + self.bias

    def backward(self, dy):
        self.weight_grad = self.weight_grad + torch.mm(dy.t(), self.input)
        self.bias_grad = self.bias_grad + torch.sum(dy, 0)
        return torch.mm(dy, self.weight)


class ReLU(torch.nn.Module):
    def forward(self, x):
        self.x = x
        return x.clamp(min=0)

    def backward(self, dy):
        dx = dy.clone()
        dx[self.x <= 0] = 0  # 输入不为正的位置，梯度为 0
        return dx


class MSE(torch.nn.Module):
    def forward(self, pred, target):
        self.pred, self.target = pred, target
        return torch.nn.functional.mse_loss(pred, target)

    def backward(self):
        n = self.pred.size(0) * self.pred.size(1)
        return 2.0 / n * (self.pred - self.target)


class TwoLayerNet(torch.nn.Module):
    def __init__(self, w1, b1, w2, b2):
        super(TwoLayerNet, self).__init__()
        self.linear1 = Linear(w1, b1)
        self.relu = ReLU()
        self.linear2 = Linear(w2, b2)
        self.criterion = MSE()

    def forward(self, x, y):
        x = self.relu(self.linear1(x))
        return self.criterion(self.linear2(x), y)

    def backward(self):
        grads = {}
        grads['pred'] = self.criterion.backward()
        grads['h'] = self.linear2.backward(grads['pred'])
        grads['z'] = self.relu.backward(grads['h'])
        grads['x'] = self.linear1.backward(grads['z'])
        grads['w1'], grads['b1'] = self.linear1.weight_grad, self.linear1.bias_grad
        grads['w2'], grads['b2'] = self.linear2.weight_grad, self.linear2.bias_grad
        return grads


def shared_node_gradients(x, w):
    u = w * x
    v = u + w
    grad_v = u
    grad_u = v
    grad_u += grad_v * 1
    grad_w = grad_v * 1
    grad_w += grad_u * x
    return grad_v, grad_u, grad_w


def train_step(x, y, w, lr):
    l = loss(x * w, y)
    l.backward()
    print('\tgrad:', x, y, w.grad.item())
    w.data = w.data - lr * w.grad.data
    w.grad.data.zero_()  # 梯度清零
    return l.item()


if __name__ == '__main__':
    w = torch.Tensor([1.0])
    w.requires_grad = True
    for epoch in range(2):
        for x, y in zip([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]):
            print('progress:', epoch, train_step(x, y, w, 0.01))
