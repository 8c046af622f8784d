# 按课程讲义的写法：loadtxt 一次读入，enumerate(loader, 0)，按样本数加权求平均损失
import numpy as np
import torch
from torch.utils.data import Dataset
from torch.utils.data import DataLoader


class DiabetesDataset(Dataset):
    def __init__(self, file_path):
        super(DiabetesDataset, self).__init__()
        xy = np.loadtxt(file_path, delimiter=',', dtype=np.float32)
        self.len = xy.shape[0]  # 行数
        self.x_data = torch.from_numpy(xy[:, :-1])
        self.y_data = torch.from_numpy(xy[:, [-1]])

    def __getitem__(self, index):
        data = self.x_data[index]
        label = self.y_data[index]
        return data, label

    def __len__(self):
        return self.len


def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    train_loader = DataLoader(dataset=dataset,
                              batch_size=batch_size,
                              shuffle=shuffle,
                              num_workers=num_workers)
    return train_loader


def iterations_per_epoch(n, batch_size, drop_last=False):
    iteration = n // batch_size
    if n % batch_size != 0 and not drop_last:
        iteration = iteration + 1
    return iteration


def train_epoch(model, train_loader, criterion, optimizer):
    train_loss = 0
    for i, data in enumerate(train_loader, 0):
        # 1. 准备数据
        inputs, labels = data
        # 2. 前馈
        y_pred = model(inputs)
        loss = criterion(y_pred, labels)
        print(i, loss.item())
        # 3. 反馈
        optimizer.zero_grad()
        loss.backward()
        # 4. 更新
        optimizer.step()
        train_loss += loss.item() * labels.shape[0]
    # 这里若写成 / len(dataset)，drop_last=True 时就不对了
    count = len(train_loader) * train_loader.batch_size
    if not train_loader.drop_last:
        count = len(train_loader.dataset)
    return train_loss / count
