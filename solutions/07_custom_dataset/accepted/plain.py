"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class DiabetesDataset(Dataset):
    def __init__(self, filepath):
        xy = np.loadtxt(filepath, delimiter=",", dtype=np.float32)
        self.len = xy.shape[0]
        self.x_data = torch.from_numpy(xy[:, :-1])
        self.y_data = torch.from_numpy(xy[:, [-1]])

    def __getitem__(self, index):
        return self.x_data[index], self.y_data[index]

    def __len__(self):
        return self.len


def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset=dataset, batch_size=batch_size, shuffle=shuffle, num_workers=num_workers)


def iterations_per_epoch(n, batch_size, drop_last=False):
    if drop_last:
        return n // batch_size
    return (n + batch_size - 1) // batch_size


def train_epoch(model, loader, criterion, optimizer):
    loss_sum = 0.0
    count = 0
    for i, data in enumerate(loader, 0):
        inputs, labels = data
        y_pred = model(inputs)
        loss = criterion(y_pred, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * inputs.size(0)
        count += inputs.size(0)
    return loss_sum / count
