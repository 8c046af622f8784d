# 按课程讲义的写法：Variable、.data、size_average，循环从 0 数起，键名自己取
import os
import torch
from torch.autograd import Variable


def train_epoch(model, train_loader, criterion, optimizer):
    train_loss = 0.0
    num = 0
    for i, data in enumerate(train_loader, 0):
        # 1. 准备数据
        inputs, labels = data
        inputs, labels = Variable(inputs), Variable(labels)
        # 2. 前馈
        y_pred = model(inputs)
        loss = criterion(y_pred, labels)
        # 3. 反馈
        optimizer.zero_grad()
        loss.backward()
        # 4. 更新
        optimizer.step()
        train_loss += loss.data.item() * inputs.size(0)
        num += inputs.size(0)
    return train_loss / num


def snapshot(net):
    best = {}
    for key in net.state_dict():
        best[key] = net.state_dict()[key].data.clone()
    return best


def save_checkpoint(path, net, optimizer, epoch):
    state = {'net': net.state_dict(), 'optimizer': optimizer.state_dict(), 'epoch': epoch,
             'rng_state': torch.random.get_rng_state()}
    torch.save(state, path + '.bak')
    os.rename(path + '.bak', path)  # 写完整了再改名


def load_checkpoint(path, net, optimizer):
    checkpoint = torch.load(path, map_location=torch.device('cpu'))
    net.load_state_dict(checkpoint['net'])  # 加载模型参数
    optimizer.load_state_dict(checkpoint['optimizer'])  # 加载优化器参数
    start_epoch = checkpoint['epoch']  # 设置开始的 epoch
    torch.random.set_rng_state(checkpoint['rng_state'])
    return start_epoch


def train(net, train_loader, criterion, optimizer, epochs, path, writer=None):
    start_epoch = 0
    if os.path.isfile(path):
        start_epoch = load_checkpoint(path, net, optimizer)
        print('加载 epoch {} 成功！'.format(start_epoch))
    loss_list = []
    for epoch in range(start_epoch, epochs):
        net.train()
        loss = train_epoch(net, train_loader, criterion, optimizer)
        loss_list.append(loss)
        print('epoch:', epoch, 'loss:', loss)
        if writer:
            writer.add_scalar('Train/Loss', loss, global_step=epoch + 1)
        save_checkpoint(path, net, optimizer, epoch + 1)
    return loss_list
