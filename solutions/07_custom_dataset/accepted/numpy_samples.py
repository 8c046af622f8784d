# Samples are NumPy arrays, of which the loader makes tensors; the gradients are cleared after each step.
import math

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler


class DiabetesDataset(Dataset):
    def __init__(self, filepath):
        self.table = np.genfromtxt(filepath, delimiter=",").astype("float32")

    def __len__(self):
        return len(self.table)

    def __getitem__(self, item):
        return self.table[item, :8], self.table[item, 8:]


def make_loader(dataset, batch_size, shuffle=True, num_workers=0):
    order = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
    batches = BatchSampler(order, batch_size, drop_last=False)
    return DataLoader(dataset, batch_sampler=batches, num_workers=num_workers)


def iterations_per_epoch(n, batch_size, drop_last=False):
    return (math.floor if drop_last else math.ceil)(n / batch_size)


def train_epoch(model, loader, criterion, optimizer):
    losses, sizes = [], []
    model.train()
    for batch in loader:
        loss = criterion(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        losses.append(loss.detach())
        sizes.append(batch[0].size(0))
    sizes = torch.tensor(sizes, dtype=torch.float32)
    return (torch.dot(torch.stack(losses), sizes) / sizes.sum()).item()
