# 按课程讲义的写法：8 -> 6 -> 4 -> 1，旧式 API，精确率用 torch.where 统计
import numpy as np
import torch
import torch.nn.functional as F
from torch.autograd import Variable


def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32)
    x_data = torch.from_numpy(xy[:, :-1])  # 第一列到倒数第二列
    y_data = torch.from_numpy(xy[:, [-1]])  # [-1] 表示拿出来的是矩阵
    return Variable(x_data), Variable(y_data)


class Model(torch.nn.Module):
    def __init__(self, activate=F.sigmoid):
        super(Model, self).__init__()
        self.linear1 = torch.nn.Linear(8, 6)  # 输入数据 x 的特征是 8 维
        self.linear2 = torch.nn.Linear(6, 4)
        self.linear3 = torch.nn.Linear(4, 1)
        self.activate = activate
        self.sigmoid = torch.nn.Sigmoid()  # 看作网络的一层

    def forward(self, x):
        x = self.activate(self.linear1(x.view(-1, 8)))
        x = self.activate(self.linear2(x))
        x = self.sigmoid(self.linear3(x))
        return x


def train(model, x_data, y_data, epochs, lr):
    criterion = torch.nn.BCELoss(size_average=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loss_list = []
    for epoch in range(epochs):
        y_pred = model.forward(x_data)
        loss = criterion(y_pred, y_data)
        loss_list.append(loss.data.item())
        print(epoch, loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss_list


def accuracy(model, x_data, y_data):
    y_pred = model(x_data).data
    one, zero = torch.ones_like(y_pred), torch.zeros_like(y_pred)
    y_pred_label = torch.where(y_pred >= 0.5, one, zero)
    acc = torch.eq(y_pred_label, y_data).sum().item() / y_data.size(0)
    return acc


if __name__ == "__main__":
    x_data, y_data = load_diabetes("diabetes.csv")
    model = Model()
    train(model, x_data, y_data, 100, 0.1)
    print("acc =", accuracy(model, x_data, y_data))
