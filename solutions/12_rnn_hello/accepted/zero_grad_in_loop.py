# Unusual but right: zero_grad for every character before the only backward, the state as a growing list, argmax one-hot.
from typing import List

import torch
from torch import Tensor, nn

idx2char = ["e", "h", "l", "o"]
input_size = 4
embedding_size = 10
hidden_size = 8
num_layers = 2
num_class = 4
batch_size = 1


def encode(text: str) -> List[int]:
    return list(map("ehlo".index, text))


def rnn_cell_step(x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    return torch.tanh((w_ih @ x.T + w_hh @ h.T).T + (b_ih + b_hh).view(1, -1))


class RNNCellModel(nn.RNNCell):
    """The model is the cell."""

    def __init__(self, input_size, hidden_size, batch_size):
        super().__init__(input_size, hidden_size)
        self.batch_size = batch_size

    def init_hidden(self):
        return torch.zeros(self.batch_size, self.hidden_size, requires_grad=True)


class RNNModel(nn.Module):
    def __init__(self, input_size, hidden_size, batch_size, num_layers=1):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size, num_layers)

    def forward(self, input):
        h0 = input.new_zeros(self.rnn.num_layers, input.size(1), self.rnn.hidden_size)
        out, hidden = self.rnn(input, h0)
        seq, batch, hidden_size = out.shape
        return out.contiguous().view(seq * batch, hidden_size)


class EmbeddingModel(nn.Module):
    def __init__(self):
        super(EmbeddingModel, self).__init__()
        self.net = nn.ModuleDict({
            "fc": nn.Linear(hidden_size, num_class),
            "emb": nn.Embedding(len(idx2char), embedding_size),
            "rnn": nn.RNN(embedding_size, hidden_size, num_layers, batch_first=True, dropout=0),
        })

    def forward(self, x):
        embedded = self.net["emb"](x)
        output, _ = self.net["rnn"](embedded)
        return self.net["fc"](output.contiguous().view(-1, hidden_size))


def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = nn.CrossEntropyLoss(reduction="mean")
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.999))
    losses = []
    for epoch in range(epochs):
        states = [model.init_hidden()]
        loss = torch.tensor(0.0)
        for x, y in zip(inputs, labels):
            optimizer.zero_grad()
            states.append(model(x, states[-1]))
            loss = loss + criterion(states[-1], y)
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses
