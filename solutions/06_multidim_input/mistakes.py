"""What learners get wrong in exercise 06: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 06 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% activation_at_end: the activation takes the place of the last sigmoid, so ReLU comes before BCELoss.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        return self.activate(self.linear3(x))

# %% activation_before_sigmoid: the activation comes after all three layers, and the sigmoid then.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        return torch.sigmoid(self.activate(self.linear3(x)))

# %% activation_ignored: forward names the sigmoid, whatever was passed in.
class Model(...):
    def forward(self, x):
        x = torch.sigmoid(self.linear1(x))
        x = torch.sigmoid(self.linear2(x))
        return torch.sigmoid(self.linear3(x))

# %% broadcast_comparison: the predictions are squeezed to (N,), the labels are (N, 1).
def label(y_pred):
    return torch.where(y_pred.squeeze(1) >= 0.5, torch.tensor(1.0), torch.tensor(0.0))

# %% count_not_share: the number of right ones is not divided.
def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x)
    return torch.eq(label(y_pred), y).sum().item()

# %% first_row_lost: the first row is skipped as if it were a header.
def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32, skiprows=1)
    return torch.from_numpy(xy[:, :-1]), torch.from_numpy(xy[:, [-1]])

# %% float64_table: the table is read without a dtype.
def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",")
    return torch.from_numpy(xy[:, :-1]), torch.from_numpy(xy[:, [-1]])

# %% graph_cut: .data cuts the first layer off.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x)).data
        x = self.activate(self.linear2(x))
        return torch.sigmoid(self.linear3(x))

# %% label_without_dimension: the last column is taken with -1, not with [-1].
def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32)
    return torch.from_numpy(xy[:, :-1]), torch.from_numpy(xy[:, -1])

# %% layer_reused: the same layer is used for both hidden steps.
class Model(...):
    def __init__(self, activation=torch.sigmoid):
        super(Model, self).__init__()
        self.linear1 = torch.nn.Linear(8, 8)
        self.linear3 = torch.nn.Linear(8, 1)
        self.activate = activation

    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear1(x))
        return torch.sigmoid(self.linear3(x))

# %% loss_after_update: the loss is computed again after the update.
def update(model, optimizer, x, y):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return criterion(model(x), y).item()

# %% loss_tensors: the losses are kept with their graphs.
def update(model, optimizer, x, y):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss

# %% never_updates: backward, then zero_grad, then step.
def update(model, optimizer, x, y):
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()

# %% no_sigmoid: the last layer has no sigmoid.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        return self.linear3(x)

# %% no_threshold: the probabilities themselves are compared with the labels.
def label(y_pred):
    return y_pred

# %% not_zeroed: zero_grad is forgotten.
def update(model, optimizer, x, y):
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()

# %% not_registered: the layers stand in a plain list, where nn.Module does not look.
class Model(...):
    def __init__(self, activation=torch.sigmoid):
        super(Model, self).__init__()
        self.layers = [torch.nn.Linear(8, 6), torch.nn.Linear(6, 4), torch.nn.Linear(4, 1)]
        self.activate = activation

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = self.activate(layer(x))
        return torch.sigmoid(self.layers[-1](x))

# %% one_class: argmax over a single column, as in exercise 08.
def label(y_pred):
    return torch.argmax(y_pred, dim=1, keepdim=True)

# %% percent: the share times 100.
def accuracy(model, x, y):
    with torch.no_grad():
        y_pred = model(x)
    return 100 * torch.eq(label(y_pred), y).float().mean().item()

# %% only_linear: there is no activation between the layers.
class Model(...):
    def forward(self, x):
        x = self.linear2(self.linear1(x))
        return torch.sigmoid(self.linear3(x))

# %% sigmoid_twice: BCEWithLogitsLoss of probabilities.
criterion = torch.nn.BCEWithLogitsLoss()

# %% sizes_do_not_fit: the second layer is called again in place of the third.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        return torch.sigmoid(self.linear2(x))

# %% softmax_of_one: a softmax over the single output.
class Model(...):
    def forward(self, x):
        x = self.activate(self.linear1(x))
        x = self.activate(self.linear2(x))
        return torch.softmax(self.linear3(x), dim=1)

# %% wrong_columns: x is the whole table, with its label.
def load_diabetes(path):
    xy = np.loadtxt(path, delimiter=",", dtype=np.float32)
    return torch.from_numpy(xy), torch.from_numpy(xy[:, [-1]])

# %% wrong_side: class 1 where the probability is below 0.5.
def label(y_pred):
    return torch.where(y_pred < 0.5, torch.tensor(1.0), torch.tensor(0.0))
