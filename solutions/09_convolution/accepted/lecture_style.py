# 按课程讲义的写法：池化之后再用 ReLU，最后直接输出 logits
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable
import matplotlib.pyplot as plt


def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    # 扩张之后的卷积核大小
    k = dilation * (kernel_size - 1) + 1
    return int((size + 2 * padding - k) / stride + 1)


def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    total = 0
    for c in range(out_channels):
        # 每个输出通道一个卷积核，通道数是输入通道数除以组数
        total += in_channels / groups * kernel_size * kernel_size
        if bias:
            total += 1
    return total


class Net(torch.nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = torch.nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = torch.nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = torch.nn.MaxPool2d(2)
        self.fc = torch.nn.Linear(320, 10)

    def forward(self, x):
        # (N, 1, 28, 28) -> (N, 320)
        batch_size = x.size(0)
        x = F.relu(self.pooling(self.conv1(x)))
        x = F.relu(self.pooling(self.conv2(x)))
        x = x.view(batch_size, -1)  # 展平
        x = self.fc(x)
        return x


model = Net()
device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
criterion = torch.nn.CrossEntropyLoss(size_average=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)


def feature_maps(model, image):
    x = Variable(image.view(-1, 1, 28, 28))
    out = model.conv1.forward(x)
    return out.data[0]


def plot_feature_maps(maps):
    fig = plt.figure(figsize=(8, 4))
    for i in range(maps.size(0)):
        plt.subplot(maps.size(0) // 5 + 1, 5, i + 1)
        plt.imshow(maps[i].numpy(), cmap="gray")
        plt.title("channel %d" % i)
        plt.xticks([])
        plt.yticks([])
    plt.show()
    return fig


if __name__ == "__main__":
    image = torch.Tensor(1, 28, 28)
    plot_feature_maps(feature_maps(model, image))
