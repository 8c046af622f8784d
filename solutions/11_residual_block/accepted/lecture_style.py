# 按课程讲义的写法：两个 3x3 卷积，输入原样加回来，再做 ReLU
import torch
import torch.nn as nn
import torch.nn.functional as F
import matplotlib.pyplot as plt
from torch.autograd import Variable


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super(ResidualBlock, self).__init__()
        self.channels = channels
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)

    def forward(self, x):
        y = F.relu(self.conv1(x))
        y = self.conv2(y)
        return F.relu(x + y)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=5)
        # 下采样
        self.mp = nn.MaxPool2d(2)
        self.rblock1 = ResidualBlock(16)
        self.rblock2 = ResidualBlock(32)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        in_size = x.size(0)
        x = self.mp(F.relu(self.conv1(x)))
        x = self.rblock1(x)
        x = self.mp(F.relu(self.conv2(x)))
        x = self.rblock2(x)
        # 展平成全连接层需要的输入：32 * 4 * 4 = 512
        x = x.view(in_size, -1)
        x = self.fc(x)
        return x


def random_layers(depth, width, seed):
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, 8, width, dtype=torch.float64, generator=generator)
    weights = torch.randn(depth, width, width, dtype=torch.float64, generator=generator) / width**0.5
    return x, y, [weight.clone() for weight in weights]


def gradient_norms(depth, residual, width=16, seed=0):
    x, y, weights = random_layers(depth, width, seed)
    ws = []
    for i in range(depth):
        w = Variable(weights[i], requires_grad=True)
        ws.append(w)
    h = x
    for i in range(depth):
        out = F.sigmoid(torch.mm(h, ws[i].t()))
        if residual == True:
            h = h + out
        else:
            h = out
    criterion = torch.nn.MSELoss(size_average=True)  # 损失函数
    loss = criterion(h, y)
    loss.backward()  # 反向传播
    norm_list = []
    for w in ws:
        norm_list.append(torch.norm(w.grad.data).item())
    return norm_list


def plot_gradient_norms(plain, residual):
    fig = plt.figure()
    layers = list(range(1, len(plain) + 1))
    plt.plot(layers, plain, label='普通网络')
    plt.plot(layers, residual, label='残差网络')
    plt.yscale('log')
    plt.xlabel('layer')
    plt.ylabel('gradient norm')
    plt.legend()
    plt.show()
    return fig


if __name__ == '__main__':
    model = Net()
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    model.to(device)
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
