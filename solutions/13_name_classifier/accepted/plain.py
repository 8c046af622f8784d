"""Plain functions and loops, without type hints: what mistakes.py starts from."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence


def name2list(name):
    arr = [ord(c) for c in name]
    for code in arr:
        if code > 127:
            raise ValueError(name)
    return arr, len(arr)


def make_tensors(names, countries):
    sequences_and_lengths = [name2list(name) for name in names]
    name_sequences = [sl[0] for sl in sequences_and_lengths]
    seq_lengths = torch.LongTensor([sl[1] for sl in sequences_and_lengths])
    countries = countries.long()
    # 每个名字一行，不够长的补零
    seq_tensor = torch.zeros(len(name_sequences), seq_lengths.max()).long()
    for idx, (seq, seq_len) in enumerate(zip(name_sequences, seq_lengths), 0):
        seq_tensor[idx, :seq_len] = torch.LongTensor(seq)
    # 按长度从长到短排序
    seq_lengths, perm_idx = seq_lengths.sort(dim=0, descending=True)
    seq_tensor = seq_tensor[perm_idx]
    countries = countries[perm_idx]
    return seq_tensor, seq_lengths, countries


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

    def forward(self, input, seq_lengths):
        input = input.t()  # (seq, batch)
        batch_size = input.size(1)
        hidden = self._init_hidden(batch_size, input.device)
        embedding = self.embedding(input)
        gru_input = pack_padded_sequence(embedding, seq_lengths.cpu())
        output, hidden = self.gru(gru_input, hidden)
        if self.n_directions == 2:
            hidden_cat = torch.cat([hidden[-1], hidden[-2]], dim=1)
        else:
            hidden_cat = hidden[-1]
        return self.fc(hidden_cat)


def train(model, batches, epochs=1, lr=0.001):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        total_loss = 0
        total = 0
        for i, (inputs, seq_lengths, target) in enumerate(batches, 1):
            output = model(inputs, seq_lengths)
            loss = criterion(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * target.size(0)
            total += target.size(0)
        losses.append(total_loss / total)
    return losses


def evaluate(model, batches):
    correct = 0
    total = 0
    with torch.no_grad():
        for i, (inputs, seq_lengths, target) in enumerate(batches, 1):
            output = model(inputs, seq_lengths)
            pred = output.max(dim=1, keepdim=True)[1]
            correct += pred.eq(target.view_as(pred)).sum().item()
            total += target.size(0)
    return correct / total
