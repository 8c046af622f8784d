"""What learners get wrong in exercise 12: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 12 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% axes_swapped: batch_first=True although the input is time first.
class RNNModel(...):
    def __init__(self, input_size, hidden_size, batch_size, num_layers=1):
        super(RNNModel, self).__init__()
        self.num_layers = num_layers
        self.batch_size = batch_size
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.rnn = torch.nn.RNN(input_size=self.input_size, hidden_size=self.hidden_size, num_layers=num_layers,
                                batch_first=True)

# %% axes_swapped__embedding: batch_first is missing, and an h0 is made to fit.
class EmbeddingModel(torch.nn.Module):
    def __init__(self):
        super(EmbeddingModel, self).__init__()
        self.emb = torch.nn.Embedding(input_size, embedding_size)
        self.rnn = torch.nn.RNN(input_size=embedding_size, hidden_size=hidden_size, num_layers=num_layers)
        self.fc = torch.nn.Linear(hidden_size, num_class)

    def forward(self, x):
        hidden = torch.zeros(num_layers, x.size(1), hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return x.view(-1, num_class)

# %% axes_swapped__silent: batch_first=True, and an h0 made to fit it.
class RNNModel(torch.nn.Module):
    def __init__(self, input_size, hidden_size, batch_size, num_layers=1):
        super(RNNModel, self).__init__()
        self.num_layers = num_layers
        self.batch_size = batch_size
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.rnn = torch.nn.RNN(input_size=self.input_size, hidden_size=self.hidden_size, num_layers=num_layers,
                                batch_first=True)

    def forward(self, input):
        hidden = torch.zeros(self.num_layers, input.size(0), self.hidden_size)  # 构造 h0
        out, _ = self.rnn(input, hidden)
        return out.reshape(-1, self.hidden_size)  # (seqLen*batchSize, hiddenSize)

# %% axes_swapped__train: the loop runs over the batch, not over time.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for i in range(inputs.size(1)):
            hidden = model(inputs[:, i], hidden)
            loss += criterion(hidden, labels[:, i])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% backward_in_loop: backward for every character, on a graph that is freed.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            one = criterion(hidden, label)
            one.backward()
            loss += one.item()
        optimizer.step()
        losses.append(loss)
    return losses

# %% backward_in_loop__retain: backward on the growing sum, made to run by retain_graph.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
            loss.backward(retain_graph=True)
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% backward_in_loop__step: the optimizer steps for every character.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
            loss.backward(retain_graph=True)
            optimizer.step()
        losses.append(loss.item())
    return losses

# %% dictionary_from_text: the dictionary is made of the sorted letters of the text.
def encode(text):
    chars = sorted(set(text))
    char2idx = {c: i for i, c in enumerate(chars)}
    return [char2idx[c] for c in text]

# %% dictionary_from_text__appearance: each new letter of the text gets the next index.
def encode(text):
    char2idx = {}
    for c in text:
        if c not in char2idx:
            char2idx[c] = len(char2idx)
    return [char2idx[c] for c in text]

# %% epochs_miscounted: the losses are noted in the inner loop.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
            losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses

# %% float_indices: torch.Tensor makes float32, where indices have to be int64.
def encode(text):
    char2idx = {c: i for i, c in enumerate(idx2char)}
    return torch.Tensor([char2idx[c] for c in text])

# %% graph_cut: .data cuts the graph.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh((torch.mm(x, w_ih.t()) + b_ih + torch.mm(h, w_hh.t()) + b_hh).data)

# %% graph_cut__h: the incoming hidden state is detached inside the step.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    h = h.detach()
    return torch.tanh(torch.mm(x, w_ih.t()) + b_ih + torch.mm(h, w_hh.t()) + b_hh)

# %% graph_cut__numpy: numpy knows nothing of the graph.
import numpy as np

def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    x, h, w_ih, w_hh, b_ih, b_hh = (v.numpy() for v in (x, h, w_ih, w_hh, b_ih, b_hh))
    return torch.from_numpy(np.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh))

# %% heloo: the indices were typed by hand, with a slip that spells "heloo".
def encode(text):
    x_data = [1, 0, 2, 3, 3]  # hello
    y_data = [3, 1, 2, 3, 2]  # ohlol
    return x_data if text == 'hello' else y_data

# %% hidden_detached: detach between the characters cuts the way back through time.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden.detach())
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% hidden_detached__each_backward: backward for each character, made to run by a detach.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden.detach())
            one = criterion(hidden, label)
            one.backward()
            loss += one.item()
        optimizer.step()
        losses.append(loss)
    return losses

# %% hidden_ignored: the hidden state is left out.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(torch.mm(x, w_ih.t()) + b_ih + b_hh)

# %% hidden_ignored__cell: the cell is called without the hidden state, so it starts from zeros each time.
class RNNCellModel(...):
    def forward(self, input, hidden):
        return self.rnncell(input)

# %% hidden_not_carried: the next hidden state gets another name, and the old one is used again.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            output = model(input, hidden)
            loss += criterion(output, label)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% hidden_not_carried__init: init_hidden is called for every character.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model.init_hidden()
            hidden = model(input, hidden)
            loss += criterion(hidden, label)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% hidden_outside_epochs: the hidden state is made once, before the epochs.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    hidden = model.init_hidden()
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% hidden_outside_epochs__detached: made once and detached: no error, but each epoch starts where the last one ended.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    hidden = model.init_hidden()
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = hidden.detach()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% input_ignored: the input is left out of the sum.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(b_ih + torch.mm(h, w_hh.t()) + b_hh)

# %% last_character_only: = where += is meant.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss = criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% last_character_only__zero_grad_in_loop: zero_grad for every character clears what the others gave.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            optimizer.zero_grad()
            hidden = model(input, hidden)
            one = criterion(hidden, label)
            one.backward(retain_graph=True)
            loss += one.item()
        optimizer.step()
        losses.append(loss)
    return losses

# %% last_step_only: the second result of nn.RNN, the last hidden state, is returned.
class RNNModel(...):
    def forward(self, input):
        hidden = torch.zeros(self.num_layers, self.batch_size, self.hidden_size)  # 构造 h0
        _, out = self.rnn(input, hidden)
        return out[-1]

# %% last_step_only__embedding: as in a classifier, only the last step goes into the linear layer.
class EmbeddingModel(...):
    def forward(self, x):
        hidden = torch.zeros(num_layers, x.size(0), hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        return self.fc(x[:, -1])

# %% layers_ignored: num_layers is not handed to nn.RNN.
class RNNModel(...):
    def __init__(self, input_size, hidden_size, batch_size, num_layers=1):
        super(RNNModel, self).__init__()
        self.num_layers = num_layers
        self.batch_size = batch_size
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.rnn = torch.nn.RNN(input_size=self.input_size, hidden_size=self.hidden_size)

# %% layers_ignored__embedding: the embedding model has one layer.
class EmbeddingModel(torch.nn.Module):
    def __init__(self):
        super(EmbeddingModel, self).__init__()
        self.emb = torch.nn.Embedding(input_size, embedding_size)
        self.rnn = torch.nn.RNN(input_size=embedding_size, hidden_size=hidden_size, batch_first=True)
        self.fc = torch.nn.Linear(hidden_size, num_class)

    def forward(self, x):
        hidden = torch.zeros(1, x.size(0), hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return x.view(-1, num_class)

# %% loss_item: .item() is added up, so that no graph is left.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label).item()
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses

# %% loss_item__tensor: the number is made a tensor again, which does not bring the graph back.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label).item()
        loss = torch.tensor(loss, requires_grad=False)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% mean_loss: the loss is divided by the length of the sequence.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss = loss / len(inputs)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% missing_bias: one bias, as in the textbook formula; torch has two.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(torch.mm(x, w_ih.t()) + torch.mm(h, w_hh.t()) + b_ih)

# %% missing_bias__twice: b_ih is added twice.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(torch.mm(x, w_ih.t()) + b_ih + torch.mm(h, w_hh.t()) + b_ih)

# %% missing_step: the optimizer never steps.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        losses.append(loss.item())
    return losses

# %% missing_tanh: the cell adds up, but there is no tanh.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.mm(x, w_ih.t()) + b_ih + torch.mm(h, w_hh.t()) + b_hh

# %% missing_tanh__relu: relu where the cell has tanh.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.relu(torch.mm(x, w_ih.t()) + b_ih + torch.mm(h, w_hh.t()) + b_hh)

# %% missing_zero_grad: the gradients are never cleared.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% nonzero_start: h0 is random.
class RNNCellModel(...):
    def init_hidden(self):
        return torch.randn(self.batch_size, self.hidden_size)

# %% nonzero_start__embedding: a random h0 in forward.
class EmbeddingModel(...):
    def forward(self, x):
        hidden = torch.randn(num_layers, x.size(0), hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return x.view(-1, num_class)

# %% nonzero_start__ones: h0 is all ones.
class RNNModel(...):
    def forward(self, input):
        hidden = torch.ones(self.num_layers, self.batch_size, self.hidden_size)
        out, _ = self.rnn(input, hidden)
        return out.view(-1, self.hidden_size)  # (seqLen*batchSize, hiddenSize)

# %% nonzero_start__rnn: a random h0 in forward.
class RNNModel(...):
    def forward(self, input):
        hidden = torch.randn(self.num_layers, self.batch_size, self.hidden_size)
        out, _ = self.rnn(input, hidden)
        return out.view(-1, self.hidden_size)  # (seqLen*batchSize, hiddenSize)

# %% not_by_hand: nn.RNNCell does the step.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    cell = torch.nn.RNNCell(x.size(1), h.size(1)).to(x.dtype)
    cell.weight_ih.data, cell.weight_hh.data = w_ih, w_hh
    cell.bias_ih.data, cell.bias_hh.data = b_ih, b_hh
    return cell(x, h)

# %% not_by_hand__function: torch.rnn_tanh_cell does the step.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.rnn_tanh_cell(x, h, w_ih, w_hh, b_ih, b_hh)

# %% not_flattened: the output keeps time and batch apart.
class RNNModel(...):
    def forward(self, input):
        hidden = torch.zeros(self.num_layers, self.batch_size, self.hidden_size)  # 构造 h0
        out, _ = self.rnn(input, hidden)
        return out

# %% not_flattened__embedding: the output keeps time and batch apart.
class EmbeddingModel(...):
    def forward(self, x):
        hidden = torch.zeros(num_layers, x.size(0), hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return x

# %% optimizer_in_loop: a new Adam in each epoch.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    losses = []
    for epoch in range(epochs):
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% part_missing: the cell is made anew in each call, so it is no part of the model.
class RNNCellModel(...):
    def __init__(self, input_size, hidden_size, batch_size):
        super(RNNCellModel, self).__init__()
        self.batch_size = batch_size
        self.input_size = input_size
        self.hidden_size = hidden_size

    def forward(self, input, hidden):
        hidden = torch.nn.RNNCell(self.input_size, self.hidden_size)(input, hidden)  # (batch_size, hidden_size)
        return hidden

# %% rate_ignored: the learning rate is typed in.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% row_width: everything becomes one long row.
class RNNModel(...):
    def forward(self, input):
        hidden = torch.zeros(self.num_layers, self.batch_size, self.hidden_size)  # 构造 h0
        out, _ = self.rnn(input, hidden)
        return out.view(-1)  # (seqLen*batchSize, hiddenSize)

# %% rows_in_other_order: the rows come sample by sample, the labels time by time.
class RNNModel(...):
    def forward(self, input):
        hidden = torch.zeros(self.num_layers, self.batch_size, self.hidden_size)  # 构造 h0
        out, _ = self.rnn(input, hidden)
        return out.transpose(0, 1).reshape(-1, self.hidden_size)

# %% rows_in_other_order__embedding: the rows come time by time, the labels sample by sample.
class EmbeddingModel(...):
    def forward(self, x):
        hidden = torch.zeros(num_layers, x.size(0), hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return x.transpose(0, 1).reshape(-1, num_class)

# %% shifted_target: the next label is taken for the answer, as in a language model.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels[1:]):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% shifted_target__rolled: the labels are rolled by one.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels.roll(-1, dims=0)):
            hidden = model(input, hidden)
            loss += criterion(hidden, label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% softmax_before_loss: train takes the softmax before CrossEntropyLoss.
def train(model, inputs, labels, epochs=15, lr=0.1):
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        loss = 0
        optimizer.zero_grad()
        hidden = model.init_hidden()
        for input, label in zip(inputs, labels):
            hidden = model(input, hidden)
            loss += criterion(torch.softmax(hidden, dim=1), label)  # 整个序列的损失之和
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% softmax_before_loss__cell: the model ends in a softmax, and feeds it back.
class RNNCellModel(...):
    def forward(self, input, hidden):
        hidden = self.rnncell(input, hidden)
        return torch.softmax(hidden, dim=1)

# %% softmax_before_loss__embedding: the model ends in a softmax.
class EmbeddingModel(...):
    def forward(self, x):
        hidden = torch.zeros(num_layers, x.size(0), hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return torch.softmax(x.view(-1, num_class), dim=1)

# %% softmax_before_loss__rnn: the model ends in a log-softmax.
class RNNModel(...):
    def forward(self, input):
        hidden = torch.zeros(self.num_layers, self.batch_size, self.hidden_size)  # 构造 h0
        out, _ = self.rnn(input, hidden)
        return torch.log_softmax(out.view(-1, self.hidden_size), dim=1)

# %% start_shape: the sizes of h0 are exchanged.
class RNNCellModel(...):
    def init_hidden(self):
        return torch.zeros(self.hidden_size, self.batch_size)

# %% start_shape__batch_first: h0 made batch first, because the input is.
class EmbeddingModel(...):
    def forward(self, x):
        hidden = torch.zeros(x.size(0), num_layers, hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return x.view(-1, num_class)

# %% start_shape__batch_of_one: h0 is made for a batch of one.
class EmbeddingModel(...):
    def forward(self, x):
        hidden = torch.zeros(num_layers, 1, hidden_size)
        x = self.emb(x)  # (batch, seqLen, embeddingSize)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return x.view(-1, num_class)

# %% start_shape__three_dimensions: the h0 of nn.RNN, handed to a cell.
class RNNCellModel(...):
    def init_hidden(self):
        return torch.zeros(1, self.batch_size, self.hidden_size)

# %% start_shape__two_dimensions: the h0 of a cell, handed to nn.RNN.
class RNNModel(...):
    def forward(self, input):
        hidden = torch.zeros(self.batch_size, self.hidden_size)
        out, _ = self.rnn(input, hidden)
        return out.view(-1, self.hidden_size)  # (seqLen*batchSize, hiddenSize)

# %% state_kept: the hidden state is kept in the model from call to call.
class RNNModel(...):
    def forward(self, input):
        hidden = getattr(self, 'hidden', None)
        if hidden is None:
            hidden = torch.zeros(self.num_layers, self.batch_size, self.hidden_size)
        out, hidden = self.rnn(input, hidden)
        self.hidden = hidden.detach()
        return out.view(-1, self.hidden_size)  # (seqLen*batchSize, hiddenSize)

# %% too_many_layers: the batch size stands where the number of layers belongs.
class RNNModel(...):
    def __init__(self, input_size, hidden_size, batch_size, num_layers=1):
        super(RNNModel, self).__init__()
        self.num_layers = num_layers
        self.batch_size = batch_size
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.rnn = torch.nn.RNN(input_size=self.input_size, hidden_size=self.hidden_size, num_layers=batch_size)

# %% unknown_character: str.find gives -1 for a character that is not in the dictionary.
def encode(text):
    return ['ehlo'.find(c) for c in text]

# %% unknown_character__skipped: a character that is not in the dictionary is skipped.
def encode(text):
    return [idx2char.index(c) for c in text if c in idx2char]

# %% untransposed_weights: w_hh is square, so the missing transpose raises nothing.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(torch.mm(x, w_ih.t()) + b_ih + torch.mm(h, w_hh) + b_hh)

# %% untransposed_weights__raises: weights are (out, in): x @ w_ih does not fit.
def rnn_cell_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(x @ w_ih + b_ih + h @ w_hh + b_hh)

# %% view_for_transpose: view makes the shape right and the samples wrong.
class RNNModel(torch.nn.Module):
    def __init__(self, input_size, hidden_size, batch_size, num_layers=1):
        super(RNNModel, self).__init__()
        self.num_layers = num_layers
        self.batch_size = batch_size
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.rnn = torch.nn.RNN(input_size=self.input_size, hidden_size=self.hidden_size, num_layers=num_layers,
                                batch_first=True)

    def forward(self, input):
        hidden = torch.zeros(self.num_layers, self.batch_size, self.hidden_size)  # 构造 h0
        input = input.view(self.batch_size, -1, self.input_size)
        out, _ = self.rnn(input, hidden)
        return out.reshape(-1, self.hidden_size)  # (seqLen*batchSize, hiddenSize)

# %% view_for_transpose__embedding: view makes the shape right and the samples wrong.
class EmbeddingModel(torch.nn.Module):
    def __init__(self):
        super(EmbeddingModel, self).__init__()
        self.emb = torch.nn.Embedding(input_size, embedding_size)
        self.rnn = torch.nn.RNN(input_size=embedding_size, hidden_size=hidden_size, num_layers=num_layers)
        self.fc = torch.nn.Linear(hidden_size, num_class)

    def forward(self, x):
        hidden = torch.zeros(num_layers, x.size(0), hidden_size)
        seq_len, batch = x.size(1), x.size(0)
        x = self.emb(x).view(seq_len, batch, embedding_size)
        x, _ = self.rnn(x, hidden)
        x = self.fc(x)
        return x.view(-1, num_class)

# %% wrong_cell: a GRU.
class RNNModel(...):
    def __init__(self, input_size, hidden_size, batch_size, num_layers=1):
        super(RNNModel, self).__init__()
        self.num_layers = num_layers
        self.batch_size = batch_size
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.rnn = torch.nn.GRU(input_size=self.input_size, hidden_size=self.hidden_size, num_layers=num_layers)

# %% wrong_sizes: the recurrent layer of the EmbeddingModel expects one-hot vectors.
class EmbeddingModel(...):
    def __init__(self):
        super(EmbeddingModel, self).__init__()
        self.emb = torch.nn.Embedding(input_size, embedding_size)
        self.rnn = torch.nn.RNN(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers,
                                batch_first=True)
        self.fc = torch.nn.Linear(hidden_size, num_class)
