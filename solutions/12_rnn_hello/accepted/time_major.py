# No batch_first, no h0 (nn.RNN starts from zeros by itself), functional loss, tensors instead of lists, one addmm.
import torch
import torch.nn as nn
import torch.nn.functional as F

input_size, embedding_size, hidden_size, num_layers, num_class = 4, 10, 8, 2, 4
idx2char = "ehlo"


def encode(text: str) -> torch.Tensor:
    return torch.tensor([idx2char.index(c) for c in text], dtype=torch.long)


def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    joined = torch.cat([x, h], dim=1)
    weight = torch.cat([w_ih, w_hh], dim=1)
    return torch.addmm(b_ih + b_hh, joined, weight.T).tanh()


class RNNCellModel(nn.Module):
    def __init__(self, input_size, hidden_size, batch_size):
        super().__init__()
        self.size = (batch_size, hidden_size)
        self.step = nn.RNNCell(input_size, hidden_size)

    def init_hidden(self):
        return self.step.weight_hh.new_zeros(self.size)

    def forward(self, input, hidden):
        return self.step(input, hidden)


class RNNModel(nn.Module):
    def __init__(self, input_size, hidden_size, batch_size, num_layers=1):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size, num_layers, batch_first=True)

    def forward(self, input):
        states = self.rnn(input.permute(1, 0, 2))[0]
        return torch.flatten(states.permute(1, 0, 2), 0, 1)


class EmbeddingModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(hidden_size, num_class)
        self.recurrent = nn.RNN(embedding_size, hidden_size, num_layers=num_layers)
        self.lookup = nn.Embedding(input_size, embedding_size)

    def forward(self, x):
        states, _ = self.recurrent(self.lookup(x.t()))
        return self.head(states).transpose(0, 1).flatten(0, 1)


def train(model, inputs, labels, epochs=15, lr=0.1):
    optimizer = torch.optim.Adam(model.parameters(), lr)
    history = torch.zeros(epochs)
    for epoch in range(epochs):
        hidden, parts = model.init_hidden(), []
        for t in range(inputs.shape[0]):
            hidden = model(inputs[t], hidden)
            parts.append(F.cross_entropy(hidden, labels[t]))
        total = torch.stack(parts).sum()
        total.backward()
        optimizer.step()
        optimizer.zero_grad()
        history[epoch] = total.detach()
    return history
