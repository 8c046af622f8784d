# 按课程讲义的写法：784-512-256-128-64-10，view(-1, 784)，Variable，size_average，训练与测试循环
import torch
from torchvision import transforms
from torchvision import datasets
from torch.utils.data import DataLoader
from torch.autograd import Variable
import torch.nn.functional as F
import torch.optim as optim


def softmax(z):
    z = z - torch.max(z, dim=-1, keepdim=True)[0]  # 减去每行的最大值，防止溢出
    return torch.exp(z) / torch.exp(z).sum(dim=-1, keepdim=True)


def cross_entropy(logits, y):
    z = logits - logits.data.max(1, keepdim=True)[0]
    loss = 0
    for i in range(len(y)):
        loss = loss + torch.log(torch.exp(z[i]).sum()) - z[i][y[i]]
    return loss / len(y)


class Net(torch.nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.l1 = torch.nn.Linear(784, 512)
        self.l2 = torch.nn.Linear(512, 256)
        self.l3 = torch.nn.Linear(256, 128)
        self.l4 = torch.nn.Linear(128, 64)
        self.l5 = torch.nn.Linear(64, 10)

    def forward(self, x):
        x = x.view(-1, 784)  # -1 其实就是自动获取 mini_batch
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        x = F.relu(self.l3(x))
        x = F.relu(self.l4(x))
        return self.l5(x)  # 最后一层不做激活，不进行非线性变换


def make_transform():
    transform = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.1307,), (0.3081,))  # 均值和方差
    ])
    return transform


def train(model, train_loader, epochs, lr):
    criterion = torch.nn.CrossEntropyLoss(size_average=True)
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.5)
    epoch_list = []
    for epoch in range(epochs):
        model.train()
        running_loss = 0.0
        total = 0
        for batch_idx, data in enumerate(train_loader, 0):
            inputs, target = data
            inputs, target = Variable(inputs), Variable(target)
            optimizer.zero_grad()
            # 获得模型预测结果，前馈 + 反馈 + 更新
            outputs = model(inputs)
            loss = criterion(outputs, target)
            loss.backward()
            optimizer.step()
            running_loss += loss.data * target.size(0)
            total += target.size(0)
            if batch_idx % 300 == 299:
                print('[%d, %5d] loss: %.3f' % (epoch + 1, batch_idx + 1, running_loss / total))
        epoch_list.append(running_loss / total)
    return epoch_list


def evaluate(model, test_loader):
    training = model.training
    model.eval()
    correct = 0
    total = 0
    with torch.no_grad():
        for data in test_loader:
            images, labels = data
            outputs = model.forward(images)
            _, predicted = torch.max(outputs.data, dim=1)  # dim = 1 列是第0个维度，行是第1个维度
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
    if training:
        model.train()
    print('accuracy on test set: %d %% ' % (100 * correct / total))
    return correct / total


if __name__ == '__main__':
    batch_size = 64
    train_dataset = datasets.MNIST(root='../dataset/mnist/', train=True, download=True, transform=make_transform())
    test_dataset = datasets.MNIST(root='../dataset/mnist/', train=False, download=True, transform=make_transform())
    train_loader = DataLoader(train_dataset, shuffle=True, batch_size=batch_size)
    test_loader = DataLoader(test_dataset, shuffle=False, batch_size=batch_size)
    model = Net()
    print(train(model, train_loader, 10, 0.01))
    print(evaluate(model, test_loader))
