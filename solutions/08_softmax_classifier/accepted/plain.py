"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import torch
import torch.nn.functional as F
from torch import nn
from torchvision import transforms


def softmax(z):
    e = torch.exp(z - z.max(dim=-1, keepdim=True).values)
    return e / e.sum(dim=-1, keepdim=True)


def cross_entropy(logits, y):
    z = logits - logits.max(dim=1, keepdim=True).values
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return -log_p[torch.arange(len(y)), y].mean()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(784, 64)
        self.l2 = nn.Linear(64, 32)
        self.l3 = nn.Linear(32, 10)

    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x)


def make_transform():
    return transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.1307,), (0.3081,)),
    ])


def optimizer_of(model, lr):
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.5)


def loss_of(outputs, target):
    return nn.CrossEntropyLoss()(outputs, target)


def step(model, optimizer, inputs, target):
    optimizer.zero_grad()
    loss = loss_of(model(inputs), target)
    loss.backward()
    optimizer.step()
    return loss.item()


def run_epoch(model, optimizer, loader):
    running_loss, count = 0.0, 0
    for inputs, target in loader:
        running_loss += step(model, optimizer, inputs, target) * inputs.size(0)
        count += inputs.size(0)
    return running_loss / count


def train(model, loader, epochs, lr):
    optimizer = optimizer_of(model, lr)
    model.train()
    losses = []
    for epoch in range(epochs):
        losses.append(run_epoch(model, optimizer, loader))
    return losses


def predict(outputs):
    _, predicted = torch.max(outputs, dim=1)
    return predicted


def count_right(model, loader):
    correct, total = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            total += labels.size(0)
            correct += (predict(model(images)) == labels).sum().item()
    return correct, total


def evaluate(model, loader):
    was_training = model.training
    model.eval()
    correct, total = count_right(model, loader)
    model.train(was_training)
    return correct / total
