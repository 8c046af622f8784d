# 按课程讲义的写法：文件开头选好设备，模型和每个批次都用 .to(device) 迁移
import numpy as np
import torch
import torch.nn as nn
from torch.autograd import Variable

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")


def pick_device():
    return device


def move_batch(batch, device):
    # 张量直接迁移
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    # 列表和元组逐项迁移
    if isinstance(batch, list) or isinstance(batch, tuple):
        moved = []
        for item in batch:
            moved.append(move_batch(item, device))
        if isinstance(batch, tuple):
            moved = tuple(moved)
        return moved
    # 字典的键不变，迁移每个值
    if isinstance(batch, dict):
        moved = {}
        for key in batch.keys():
            moved[key] = move_batch(batch[key], device)
        return moved
    return batch


def to_numpy(tensor):
    return tensor.data.cpu().numpy()


class Net(nn.Module):
    def __init__(self, input_size=4, hidden_size=6, classes=3):
        super(Net, self).__init__()
        self.hidden_size = hidden_size
        self.cell = nn.RNNCell(input_size, hidden_size)
        self.linear = nn.Linear(hidden_size, classes)

    def init_hidden(self, x):
        # 初始隐藏状态：全 0，与 x 在同一设备上
        batch_size = x.size(0)
        hidden = torch.zeros(batch_size, self.hidden_size, dtype=x.dtype)
        return Variable(hidden.to(x.device))

    def forward(self, x):
        hidden = self.init_hidden(x)
        for i in range(x.size(1)):
            hidden = self.cell(x[:, i], hidden)
        return self.linear(hidden)


def train(model, loader, criterion, optimizer, device):
    model.to(device)
    model.train()
    running_loss = 0.0
    count = 0
    for batch_idx, data in enumerate(loader, 0):
        inputs, target = data
        inputs, target = inputs.to(device), target.to(device)
        optimizer.zero_grad()

        # 前馈 + 反向传播 + 更新
        outputs = model(inputs)
        loss = criterion(outputs, target)
        loss.backward()
        optimizer.step()

        running_loss += loss.item() * inputs.size(0)
        count += inputs.size(0)
    return running_loss / count


def test(model, loader, device):
    correct = 0
    total = 0
    model.to(device)
    model.eval()
    with torch.no_grad():
        for data in loader:
            inputs, target = data
            inputs, target = inputs.to(device), target.to(device)
            outputs = model(inputs)
            _, predicted = torch.max(outputs.data, dim=1)
            total += target.size(0)
            correct += (predicted == target).sum().item()
    return correct / total


if __name__ == "__main__":
    print("device:", pick_device())
