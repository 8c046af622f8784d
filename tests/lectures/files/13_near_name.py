# 13: 0
import torch
from torch.utils.data import Dataset, DataLoader
class NameDataset(Dataset):
    def __init__(self, is_train_set=True):
        self.names = open("names.csv").read().split()
    def __len__(self):
        return len(self.names)
trainset = NameDataset(True)
loader = DataLoader(trainset, batch_size=256)
for epoch in range(100):
    for names in loader:
        print(names)
