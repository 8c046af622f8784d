# 按课程讲义的写法
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch.autograd import Variable


class LogisticRegressionModel(torch.nn.Module):
    def __init__(self):
        super(LogisticRegressionModel, self).__init__()
        self.linear = torch.nn.Linear(1, 1)

    def forward(self, x):
        # 线性变换之后再用 sigmoid 映射到 (0, 1)
        y_pred = F.sigmoid(self.linear(x))
        return y_pred


def binary_cross_entropy(y_pred, y):
    if y_pred.size() != y.size():
        raise ValueError("形状不一致")
    # 防止 log(0)
    y_pred = torch.clamp(y_pred, 1e-7, 1 - 1e-7)
    loss = -y * torch.log(y_pred) - (1 - y) * torch.log(1 - y_pred)
    return torch.mean(loss)


def bce_with_logits(z, y):
    # max(z, 0) - y * z + log(1 + exp(-|z|))
    loss = F.relu(z) - y * z + torch.log(1 + torch.exp(-torch.abs(z)))
    return torch.mean(loss)


def train(model, x_data, y_data, epochs, lr):
    x_data, y_data = Variable(x_data), Variable(y_data)
    criterion = torch.nn.BCELoss(size_average=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loss_list = []
    for epoch in range(epochs):
        y_pred = model(x_data)
        loss = criterion(y_pred, y_data)
        print(epoch, loss.item())
        loss_list.append(loss.data.item())

        optimizer.zero_grad()  # 梯度清零
        loss.backward()
        optimizer.step()
    return loss_list


def decision_boundary(model):
    w = model.linear.weight.item()
    b = model.linear.bias.item()
    return -b / w


def plot_boundary(model, x, y):
    hours = np.linspace(0, 10, 200)
    x_t = torch.Tensor(hours).view((200, 1))
    y_t = model(x_t)
    p = y_t.data.numpy()
    fig = plt.figure()
    plt.plot(hours, p)
    plt.plot([0, 10], [0.5, 0.5], c="r")
    boundary = decision_boundary(model)
    plt.plot([boundary, boundary], [0, 1], c="g")
    plt.scatter(x.data.numpy(), y.data.numpy())
    plt.xlabel("Hours")
    plt.ylabel("Probability of Pass")
    plt.grid()
    plt.show()
    return fig


def entropy(p):
    # 0 * log(0) 当作 0
    h = 0.0
    for p_k in p:
        if p_k > 0:
            h = h - p_k * torch.log(p_k)
    return h


def cross_entropy(p, q):
    h = 0.0
    for p_k, q_k in zip(p, q):
        if p_k > 0:
            h = h - p_k * torch.log(q_k)
    return h


if __name__ == "__main__":
    x_data = torch.Tensor([[1.0], [2.0], [3.0]])
    y_data = torch.Tensor([[0], [0], [1]])
    model = LogisticRegressionModel()
    train(model, x_data, y_data, 1000, 0.01)
    # 测试
    x_test = torch.Tensor([[4.0]])
    print("y_pred =", model(x_test).data)
