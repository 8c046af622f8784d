# Right without hidden: the output of each direction is taken where that direction has read the whole name.
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def make_tensors(names, countries):
    people = sorted(zip(names, countries.tolist()), key=lambda p: len(p[0]), reverse=True)
    for name, _ in people:
        if any(ord(c) >= 128 for c in name):
            raise ValueError(f"{name} is not ASCII")
    rows = pad_sequence([torch.LongTensor([ord(c) for c in name]) for name, _ in people], True)
    return [rows, torch.LongTensor([len(name) for name, _ in people]), torch.LongTensor([c for _, c in people])]


class RNNClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, n_layers=1, bidirectional=True):
        super().__init__()
        self.hidden_size, self.both = hidden_size, bidirectional
        self.emb = nn.Embedding(input_size, hidden_size)
        self.rnn = nn.GRU(hidden_size, hidden_size, n_layers, batch_first=True, bidirectional=bidirectional)
        self.linear = nn.Linear(2 * hidden_size if bidirectional else hidden_size, output_size)

    def forward(self, input, seq_lengths):
        lengths = seq_lengths.cpu()
        packed = pack_padded_sequence(self.emb(input), lengths, batch_first=True)
        out, lengths = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        rows = torch.arange(len(lengths))
        last = out[rows, lengths - 1, : self.hidden_size]
        if self.both:
            last = torch.cat((last, out[:, 0, self.hidden_size :]), 1)
        return self.linear(last)


def train(model, batches, epochs=1, lr=0.001):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.999))
    criterion = nn.CrossEntropyLoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        loss_sum, names = 0.0, 0
        for x, lengths, y in batches:
            loss = criterion(model(x, lengths), y)
            (loss / len(y)).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            loss_sum, names = loss_sum + float(loss), names + len(y)
        losses.append(loss_sum / names)
    return losses


def evaluate(model, batches):
    right = [p == t for x, n, y in batches for p, t in zip(model(x, n).argmax(1).tolist(), y.tolist())]
    return sum(right) / len(right)
