"""Small functions, without type hints: what mistakes.py starts from."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence


def name2list(name):
    arr = [ord(c) for c in name]
    if max(arr) > 127:
        raise ValueError(name)
    return arr


def fill_up(sequences, seq_lengths):
    seq_tensor = torch.zeros(len(sequences), seq_lengths.max()).long()
    for idx, (seq, seq_len) in enumerate(zip(sequences, seq_lengths)):
        seq_tensor[idx, :seq_len] = torch.LongTensor(seq)
    return seq_tensor


def make_tensors(names, countries):
    sequences = [name2list(name) for name in names]
    seq_lengths = torch.LongTensor([len(seq) for seq in sequences])
    seq_tensor = fill_up(sequences, seq_lengths)
    seq_lengths, perm_idx = seq_lengths.sort(dim=0, descending=True)
    return seq_tensor[perm_idx], seq_lengths, countries.long()[perm_idx]


class RNNClassifier(torch.nn.Module):
    def __init__(self, input_size, hidden_size, output_size, n_layers=1, bidirectional=True):
        super(RNNClassifier, self).__init__()
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.n_directions = 2 if bidirectional else 1
        self.embedding = torch.nn.Embedding(input_size, hidden_size)
        self.gru = torch.nn.GRU(hidden_size, hidden_size, n_layers, bidirectional=bidirectional)
        self.fc = torch.nn.Linear(hidden_size * self.n_directions, output_size)

    def _init_hidden(self, batch_size, device):
        return torch.zeros(self.n_layers * self.n_directions, batch_size, self.hidden_size).to(device)

    def _pack(self, input, seq_lengths):
        return pack_padded_sequence(self.embedding(input.t()), seq_lengths.cpu())

    def _join(self, hidden):
        return torch.cat([hidden[-1], hidden[-2]], dim=1) if self.n_directions == 2 else hidden[-1]

    def forward(self, input, seq_lengths):
        hidden = self._init_hidden(input.size(0), input.device)
        output, hidden = self.gru(self._pack(input, seq_lengths), hidden)
        return self.fc(self._join(hidden))


def train_batch(model, criterion, optimizer, inputs, seq_lengths, target):
    loss = criterion(model(inputs, seq_lengths), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train(model, batches, epochs=1, lr=0.001):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        total_loss = total = 0
        for batch in batches:
            total_loss += train_batch(model, criterion, optimizer, *batch) * len(batch[2])
            total += len(batch[2])
        losses.append(total_loss / total)
    return losses


def right_ones(model, inputs, seq_lengths, target):
    pred = model(inputs, seq_lengths).max(dim=1, keepdim=True)[1]
    return pred.eq(target.view_as(pred))


def evaluate(model, batches):
    correct = total = 0
    with torch.no_grad():
        for batch in batches:
            correct += right_ones(model, *batch).sum().item()
            total += len(batch[2])
    return correct / total
