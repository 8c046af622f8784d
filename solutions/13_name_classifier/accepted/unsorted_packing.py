# Other API: pack_sequence-free padding by hand, num_layers, enforce_sorted=False, forward direction first, h_n reshaped.
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import rnn


def make_tensors(names, countries):
    if not all(name.isascii() for name in names):
        raise UnicodeError("ASCII names only")
    order = sorted(range(len(names)), key=lambda i: -len(names[i]))
    width = len(names[order[0]])
    table = np.zeros((len(names), width), dtype=np.int64)
    for row, i in zip(table, order):
        row[: len(names[i])] = np.frombuffer(names[i].encode(), dtype=np.uint8)
    return torch.from_numpy(table), torch.tensor([len(names[i]) for i in order]), countries[order]


class RNNClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, num_layers=1, bidirectional=True):
        super().__init__()
        self.out = nn.Linear((1 + bidirectional) * hidden_size, output_size)
        self.recurrent = nn.GRU(hidden_size, hidden_size, num_layers=num_layers, bidirectional=bidirectional)
        self.table = nn.Embedding(input_size, hidden_size, padding_idx=0)

    def forward(self, input, seq_lengths):
        x = self.table(input).transpose(0, 1)
        _, h = self.recurrent(rnn.pack_padded_sequence(x, seq_lengths.tolist(), enforce_sorted=False))
        h = h.view(self.recurrent.num_layers, -1, *h.shape[1:])[-1]
        return self.out(h.transpose(0, 1).flatten(start_dim=1))


def train(model, batches, epochs=1, lr=0.001):
    opt = torch.optim.Adam(list(model.parameters()), lr)
    model.train()
    history = torch.zeros(epochs)
    for epoch in range(epochs):
        seen = []
        for x, n, y in batches:
            model.zero_grad()
            each = F.cross_entropy(model(x, n), y, reduction="none")
            each.mean().backward()
            opt.step()
            seen.append(each.detach())
        history[epoch] = torch.cat(seen).mean()
    return history


@torch.no_grad()
def evaluate(model, batches):
    model.eval()
    right = torch.cat([model(x, n).argmax(-1) == y for x, n, y in batches])
    return right.float().mean()
