"""What learners get wrong in exercise 06: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 06 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% activation_at_end: the activation takes the place of the last sigmoid, so ReLU comes before BCELoss.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        x = self.activate(self.linear3(x))
        return x

# %% activation_before_sigmoid: the activation comes after all three layers, and the sigmoid then.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        x = torch.sigmoid(self.activate(self.linear3(x)))
        return x

# %% activation_ignored: forward names the sigmoid, whatever was passed in.
class Model(...):
    def forward(self, x):
        x = torch.sigmoid(self.linear1(x))
        x = torch.sigmoid(self.linear2(x))
        x = torch.sigmoid(self.linear3(x))
        return x

# %% broadcast_comparison: the predictions are squeezed to (N,), the labels are (N, 1).
def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x).squeeze(1)
    label = torch.where(y_pred >= 0.5, torch.tensor(1.0), torch.tensor(0.0))
    return torch.eq(label, y).sum().item() / y.size(0)

# %% count_not_share: the number of right ones is not divided.
def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x)
    label = torch.where(y_pred >= 0.5, torch.tensor(1.0), torch.tensor(0.0))
    return torch.eq(label, y).sum().item()

# %% first_row_lost: the first row is skipped as if it were a header.
def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32, skiprows=1)
    x_data = torch.from_numpy(xy[:, :-1])
    y_data = torch.from_numpy(xy[:, [-1]])
    return x_data, y_data

# %% float64_table: the table is read without a dtype.
def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",")
    x_data = torch.from_numpy(xy[:, :-1])
    y_data = torch.from_numpy(xy[:, [-1]])
    return x_data, y_data

# %% label_without_dimension: the last column is taken with -1, not with [-1].
def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32)
    x_data = torch.from_numpy(xy[:, :-1])
    y_data = torch.from_numpy(xy[:, -1])
    return x_data, y_data

# %% layer_reused: the same layer is used for both hidden steps.
class Model(torch.nn.Module):
    def __init__(self, activation=torch.sigmoid):
        super(Model, self).__init__()
        self.linear1 = torch.nn.Linear(8, 8)
        self.linear3 = torch.nn.Linear(8, 1)
        self.activate = activation

    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear1(x))
        x = torch.sigmoid(self.linear3(x))
        return x

# %% loss_after_update: the loss is computed again after the update.
def train(model, x, y, epochs, lr):
    criterion = torch.nn.BCELoss(reduction="mean")
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(criterion(model(x), y).item())
    return losses

# %% loss_tensors: the losses are kept with their graphs.
def train(model, x, y, epochs, lr):
    criterion = torch.nn.BCELoss(reduction="mean")
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% never_updates: backward, then zero_grad, then step.
def train(model, x, y, epochs, lr):
    criterion = torch.nn.BCELoss(reduction="mean")
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    return losses

# %% no_sigmoid: the last layer has no sigmoid.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        x = self.linear3(x)
        return x

# %% no_threshold: the probabilities themselves are compared with the labels.
def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x)
    return torch.eq(y_pred, y).sum().item() / y.size(0)

# %% not_zeroed: zero_grad is forgotten.
def train(model, x, y, epochs, lr):
    criterion = torch.nn.BCELoss(reduction="mean")
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        loss.backward()
        optimizer.step()
    return losses

# %% one_class: argmax over a single column, as in exercise 08.
def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x)
    label = torch.argmax(y_pred, dim=1, keepdim=True)
    return torch.eq(label, y).sum().item() / y.size(0)

# %% only_linear: there is no activation between the layers.
class Model(...):
    def forward(self, x):
        x = self.linear1(x)
        x = self.linear2(x)
        x = torch.sigmoid(self.linear3(x))
        return x

# %% sigmoid_twice: BCEWithLogitsLoss of probabilities.
def train(model, x, y, epochs, lr):
    criterion = torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% sizes_do_not_fit: the second layer is called again in place of the third.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        x = torch.sigmoid(self.linear2(x))
        return x

# %% softmax_of_one: a softmax over the single output.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        x = torch.softmax(self.linear3(x), dim=1)
        return x

# %% wrong_columns: x is the whole table, with its label.
def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32)
    x_data = torch.from_numpy(xy[:, :])
    y_data = torch.from_numpy(xy[:, [-1]])
    return x_data, y_data

# %% wrong_side: class 1 where the probability is below 0.5.
def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x)
    label = torch.where(y_pred < 0.5, torch.tensor(1.0), torch.tensor(0.0))
    return torch.eq(label, y).sum().item() / y.size(0)
