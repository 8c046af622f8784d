# The csv module and plain lists; tensors are made for each sample; a running mean.
import csv

import torch
from torch.utils.data import DataLoader, Dataset


class DiabetesDataset(Dataset):
    def __init__(self, path):
        with open(path, newline="") as file:
            self.rows = [[float(cell) for cell in row] for row in csv.reader(file) if row]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        *features, label = self.rows[i]
        return torch.Tensor(features), torch.Tensor([label])


def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    return DataLoader(dataset, batch_size, shuffle, num_workers=num_workers)


def iterations_per_epoch(n, batch_size, drop_last=False):
    starts = list(range(0, n, batch_size))
    return sum(1 for start in starts if not drop_last or start + batch_size <= n)


def train_epoch(model, loader, criterion, optimizer):
    mean, seen = 0.0, 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        seen += len(y)
        mean += (float(loss) - mean) * len(y) / seen
    return mean
