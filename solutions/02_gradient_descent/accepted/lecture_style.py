# 按课程脚本的写法：循环、列表、Variable 和 .data
import torch
from torch.autograd import Variable


def forward(x, w):
    return x * w


# 损失函数 MSE
def cost(xs, ys, w):
    cost = 0
    for x, y in zip(xs, ys):
        y_pred = forward(x, w)
        cost += (y_pred - y) ** 2
    return cost / len(xs)


# 求梯度
def gradient(xs, ys, w):
    grad = 0
    for x, y in zip(xs, ys):
        grad += 2 * x * (x * w - y)
    return grad / len(xs)


# 单个样本的损失和梯度
def loss_one(x, y, w):
    y_pred = forward(x, w)
    return (y_pred - y) ** 2


def gradient_one(x, y, w):
    return 2 * x * (x * w - y)


def gradient_descent(xs, ys, w, lr, epochs):
    w = Variable(torch.Tensor([w]))  # 张量，float32
    cost_list = []
    for epoch in range(epochs):
        cost_val = cost(xs, ys, w.data)
        cost_list.append(cost_val.item())
        if cost_list[-1] > 100 * cost_list[0]:
            # 发散：学习率太大
            raise OverflowError("发散：lr 太大")
        grad_val = gradient(xs, ys, w.data)
        w.data = w.data - lr * grad_val
        print("Epoch:", epoch, "w=", w.item(), "loss=", cost_val.item())
    return w.data[0], cost_list


def stochastic_gradient(xs, ys, w, lr, epochs, generator):
    loss_list = []
    for epoch in range(epochs):
        # 每一轮重新打乱
        for i in torch.randperm(len(xs), generator=generator):
            x, y = xs[i], ys[i]
            loss = loss_one(x, y, w)
            loss_list.append(loss)
            grad = gradient_one(x, y, w)
            w = w - lr * grad
    return w, loss_list


def mini_batch_descent(xs, ys, w, lr, epochs, batch_size, generator):
    x_data, y_data = torch.Tensor(xs).view(-1, 1), torch.Tensor(ys).view(-1, 1)
    loss_list = []
    for epoch in range(epochs):
        order = torch.randperm(len(xs), generator=generator)
        i = 0
        while i < len(order):
            idx = order[i : i + batch_size]
            x, y = x_data[idx], y_data[idx]
            loss = torch.nn.functional.mse_loss(x * w, y, size_average=True)
            loss_list.append(loss.item())
            w = w - lr * (2 * x * (x * w - y)).mean().item()
            i = i + batch_size
    return w, loss_list


def smooth(losses, beta):
    v = 0
    smooth_list = []
    for i in range(len(losses)):
        v = beta * v + (1 - beta) * losses[i]
        smooth_list.append(v / (1 - beta ** (i + 1)))
    return smooth_list
