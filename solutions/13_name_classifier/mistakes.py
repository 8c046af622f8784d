"""What learners get wrong in exercise 13: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 13 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% axes_swapped: time comes first in nn.GRU, but the batch does in the input.
class RNNClassifier(...):
    def _pack(self, input, seq_lengths):
        return pack_padded_sequence(self.embedding(input), seq_lengths.cpu())

# %% graph_cut: .data cuts the GRU off.
class RNNClassifier(...):
    def _join(self, hidden):
        return torch.cat([hidden[-1], hidden[-2]], dim=1).data if self.n_directions == 2 else hidden[-1].data

# %% last_direction_twice: the backward direction twice, as in notes that many have copied.
class RNNClassifier(...):
    def _join(self, hidden):
        return torch.cat([hidden[-1], hidden[-1]], dim=1) if self.n_directions == 2 else hidden[-1]

# %% last_output: the output at the last letter, where the backward direction has only begun.
from torch.nn.utils.rnn import pad_packed_sequence

class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        hidden = self._init_hidden(input.size(0), input.device)
        output, hidden = self.gru(self._pack(input, seq_lengths), hidden)
        output, _ = pad_packed_sequence(output)
        return self.fc(output[-1])

# %% layers_ignored: n_layers is not handed on.
class RNNClassifier(...):
    def __init__(self, input_size, hidden_size, output_size, n_layers=1, bidirectional=True):
        super(RNNClassifier, self).__init__()
        self.hidden_size = hidden_size
        self.n_layers = 1
        self.n_directions = 2 if bidirectional else 1
        self.embedding = torch.nn.Embedding(input_size, hidden_size)
        self.gru = torch.nn.GRU(hidden_size, hidden_size, bidirectional=bidirectional)
        self.fc = torch.nn.Linear(hidden_size * self.n_directions, output_size)

# %% loss_not_weighted: the batches' means are added up, as in the lecture.
def train(model, batches, epochs=1, lr=0.001):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        losses.append(sum(train_batch(model, criterion, optimizer, *batch) for batch in batches))
    return losses

# %% missing_step: optimizer.step is missing.
def train_batch(model, criterion, optimizer, inputs, seq_lengths, target):
    loss = criterion(model(inputs, seq_lengths), target)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()

# %% missing_zero_grad: the gradients are never cleared.
def train_batch(model, criterion, optimizer, inputs, seq_lengths, target):
    loss = criterion(model(inputs, seq_lengths), target)
    loss.backward()
    optimizer.step()
    return loss.item()

# %% non_ascii_kept: a letter outside ASCII is let through, as in the lecture.
def name2list(name):
    return [ord(c) for c in name]

# %% not_int64: torch.Tensor and torch.zeros make float32.
def fill_up(sequences, seq_lengths):
    seq_tensor = torch.zeros(len(sequences), int(seq_lengths.max()))
    for idx, (seq, seq_len) in enumerate(zip(sequences, seq_lengths)):
        seq_tensor[idx, :seq_len] = torch.Tensor(seq)
    return seq_tensor

# %% not_sorted: the sorting is left out.
def make_tensors(names, countries):
    sequences = [name2list(name) for name in names]
    seq_lengths = torch.LongTensor([len(seq) for seq in sequences])
    return fill_up(sequences, seq_lengths), seq_lengths, countries.long()

class RNNClassifier(...):
    def _pack(self, input, seq_lengths):
        return pack_padded_sequence(self.embedding(input.t()), seq_lengths.cpu(), enforce_sorted=False)

# %% one_batch_only: return stands inside the loop over the batches.
def evaluate(model, batches):
    correct = total = 0
    with torch.no_grad():
        for batch in batches:
            correct += right_ones(model, *batch).sum().item()
            total += len(batch[2])
            return correct / total

# %% one_direction: the linear layer reads the last direction only.
class RNNClassifier(...):
    def __init__(self, input_size, hidden_size, output_size, n_layers=1, bidirectional=True):
        super(RNNClassifier, self).__init__()
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.n_directions = 2 if bidirectional else 1
        self.embedding = torch.nn.Embedding(input_size, hidden_size)
        self.gru = torch.nn.GRU(hidden_size, hidden_size, n_layers, bidirectional=bidirectional)
        self.fc = torch.nn.Linear(hidden_size, output_size)

    def _join(self, hidden):
        return hidden[-1]

# %% padded_on_left: the zeros stand in front of the name.
def fill_up(sequences, seq_lengths):
    seq_tensor = torch.zeros(len(sequences), seq_lengths.max()).long()
    for idx, (seq, seq_len) in enumerate(zip(sequences, seq_lengths)):
        seq_tensor[idx, -seq_len:] = torch.LongTensor(seq)
    return seq_tensor

# %% padding_not_zero: the padding is 1.
def fill_up(sequences, seq_lengths):
    seq_tensor = torch.ones(len(sequences), seq_lengths.max()).long()
    for idx, (seq, seq_len) in enumerate(zip(sequences, seq_lengths)):
        seq_tensor[idx, :seq_len] = torch.LongTensor(seq)
    return seq_tensor

# %% padding_read: the lengths are not used.
class RNNClassifier(...):
    def _pack(self, input, seq_lengths):
        return self.embedding(input.t())

# %% percent: the accuracy in per cent.
def evaluate(model, batches):
    correct = total = 0
    with torch.no_grad():
        for batch in batches:
            correct += right_ones(model, *batch).sum().item()
            total += len(batch[2])
    return 100 * correct / total

# %% permuted_apart: the countries stay where they were.
def make_tensors(names, countries):
    sequences = [name2list(name) for name in names]
    seq_lengths = torch.LongTensor([len(seq) for seq in sequences])
    seq_tensor = fill_up(sequences, seq_lengths)
    seq_lengths, perm_idx = seq_lengths.sort(dim=0, descending=True)
    return seq_tensor[perm_idx], seq_lengths, countries.long()

# %% random_start: the hidden state starts from random numbers.
class RNNClassifier(...):
    def _init_hidden(self, batch_size, device):
        return torch.randn(self.n_layers * self.n_directions, batch_size, self.hidden_size).to(device)

# %% relu_on_logits: the logits go through a ReLU.
class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        hidden = self._init_hidden(input.size(0), input.device)
        output, hidden = self.gru(self._pack(input, seq_lengths), hidden)
        return torch.relu(self.fc(self._join(hidden)))

# %% share_not_weighted: the mean of the batches' shares.
def evaluate(model, batches):
    with torch.no_grad():
        shares = [right_ones(model, *batch).float().mean().item() for batch in batches]
    return sum(shares) / len(shares)

# %% softmax_before_loss: the model ends in a softmax.
class RNNClassifier(...):
    def forward(self, input, seq_lengths):
        hidden = self._init_hidden(input.size(0), input.device)
        output, hidden = self.gru(self._pack(input, seq_lengths), hidden)
        return torch.softmax(self.fc(self._join(hidden)), dim=1)

# %% start_shape: the number of directions is missing.
class RNNClassifier(...):
    def _init_hidden(self, batch_size, device):
        return torch.zeros(self.n_layers, batch_size, self.hidden_size).to(device)

# %% wrong_codes: the codes begin at 'a'.
def name2list(name):
    return [ord(c) - ord("a") + 1 for c in name]

# %% wrong_layer: these are the states of the first layer.
class RNNClassifier(...):
    def _join(self, hidden):
        return torch.cat([hidden[0], hidden[1]], dim=1) if self.n_directions == 2 else hidden[-1]

# %% wrong_sizes: the embedding has the width of the output.
class RNNClassifier(...):
    def __init__(self, input_size, hidden_size, output_size, n_layers=1, bidirectional=True):
        super(RNNClassifier, self).__init__()
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.n_directions = 2 if bidirectional else 1
        self.embedding = torch.nn.Embedding(input_size, output_size)
        self.gru = torch.nn.GRU(output_size, hidden_size, n_layers, bidirectional=bidirectional)
        self.fc = torch.nn.Linear(hidden_size * self.n_directions, output_size)
