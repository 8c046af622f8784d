"""What learners get wrong in exercise 05: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 05 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% arguments_swapped: the logarithm is taken of the labels.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    return -(p * torch.log(y) + (1 - p) * torch.log(1 - y)).mean()

# %% arguments_swapped__clamped: the logarithm is taken of the labels, and the clamp hides the infinity.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    log_p = torch.log(y).clamp(min=-100)
    log_not_p = torch.log(1 - y).clamp(min=-100)
    return -(p * log_p + (1 - p) * log_not_p).mean()

# %% arguments_swapped__criterion: the target comes first.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y, y_pred)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% boundary_inverted: w and b are exchanged.
def decision_boundary(model):
    w = model.linear.weight.item()
    b = model.linear.bias.item()
    return -w / b

# %% boundary_inverted__bias_only: w is forgotten.
def decision_boundary(model):
    w = model.linear.weight.item()
    b = model.linear.bias.item()
    return -b

# %% boundary_not_exact: the nearest of the points that were tried.
def decision_boundary(model):
    hours = torch.linspace(-10, 10, 101).view(-1, 1)
    p = model(hours).detach()
    return hours[(p - 0.5).abs().argmin()].item()

# %% boundary_not_exact__rounded: the result is rounded.
def decision_boundary(model):
    w = model.linear.weight.item()
    b = model.linear.bias.item()
    return round(-b / w, 1)

# %% boundary_sign: b / w without the minus.
def decision_boundary(model):
    w = model.linear.weight.item()
    b = model.linear.bias.item()
    return b / w

# %% branch_gradient: torch.where computes both branches, and the gradient of the other one is 0 * inf.
def bce_with_logits(z, y):
    positive = z + torch.log(1 + torch.exp(-z))
    negative = torch.log(1 + torch.exp(z))
    return (torch.where(z > 0, positive, negative) - y * z).mean()

# %% broadcast: (N, 1) and (N,) are broadcast to (N, N) without a word.
def binary_cross_entropy(p, y):
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return -(y * log_p + (1 - y) * log_not_p).mean()

# %% broadcast__numel: the number of elements is compared, but not the shape.
def binary_cross_entropy(p, y):
    if p.numel() != y.numel():
        raise ValueError("p and y differ in shape")
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return -(y * log_p + (1 - y) * log_not_p).mean()

# %% built_in_loss: PyTorch's own loss instead of the formula.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    return nn.BCELoss()(p, y)

# %% built_in_loss__distribution: PyTorch's own distribution instead of the formula.
def entropy(p):
    return torch.distributions.Categorical(probs=p).entropy()

# %% built_in_loss__functional: PyTorch's own loss instead of the formula.
from torch.nn import functional as F

def bce_with_logits(z, y):
    return F.binary_cross_entropy_with_logits(z, y)

# %% capped: binary_cross_entropy clamps its logarithms, so the loss of a sample never exceeds 100.
def bce_with_logits(z, y):
    return binary_cross_entropy(torch.sigmoid(z), y)

# %% capped__eps: eps keeps the logarithm finite, but caps the loss at 18.
def bce_with_logits(z, y):
    p = torch.sigmoid(z)
    eps = 1e-8
    return -(y * torch.log(p + eps) + (1 - y) * torch.log(1 - p + eps)).mean()

# %% clipped: eps makes what is impossible for q only unlikely.
def cross_entropy(p, q):
    eps = 1e-12
    return -(p * torch.log(q + eps)).sum()

# %% column_lost: squeeze takes the column away, and for N = 1 the batch, too.
class LogisticRegressionModel(...):
    def forward(self, x):
        return torch.sigmoid(self.linear(x)).squeeze()

# %% column_lost__view: view(-1) makes a row of the column.
class LogisticRegressionModel(...):
    def forward(self, x):
        return torch.sigmoid(self.linear(x)).view(-1)

# %% distributions_swapped: the logarithm is taken of the truth.
def cross_entropy(p, q):
    return -torch.xlogy(q, p).sum()

# %% divergence: the entropy of p is subtracted.
def cross_entropy(p, q):
    return -torch.xlogy(p, q).sum() - entropy(p)

# %% figure_not_returned: plt.show() returns nothing.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(hours)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o")
    ax.plot(hours, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.axvline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    plt.show()

# %% figure_reused: plt.gcf() goes on with the figure that is still open.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(hours)
    fig, ax = plt.gcf(), plt.gca()
    ax.plot(x, y, "o")
    ax.plot(hours, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.axvline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    return fig

# %% graph_cut: .data takes the output out of its graph.
class LogisticRegressionModel(...):
    def forward(self, x):
        return torch.sigmoid(self.linear(x).data)

# %% graph_cut__item: the loss is returned as a Python number.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return -(y * log_p + (1 - y) * log_not_p).mean().item()

# %% graph_cut__numpy: NumPy knows nothing of the graph.
import numpy as np

def bce_with_logits(z, y):
    z = z.detach().numpy()
    loss = np.maximum(z, 0) - z * y.numpy() + np.log1p(np.exp(-np.abs(z)))
    return torch.tensor(loss.mean())

# %% half_as_logit: w * x + b = 0.5 is solved, as if there were no sigmoid.
def decision_boundary(model):
    w = model.linear.weight.item()
    b = model.linear.bias.item()
    return (0.5 - b) / w

# %% labels_flipped: 1 - y stands where y belongs.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return -((1 - y) * log_p + y * log_not_p).mean()

# %% logits_as_probabilities: the logarithm of a logit, which may be negative.
def bce_with_logits(z, y):
    return -(y * torch.log(z) + (1 - y) * torch.log(1 - z)).mean()

# %% logits_as_probabilities__clamped: the logits are handed on as if they were probabilities.
def bce_with_logits(z, y):
    return binary_cross_entropy(z.clamp(1e-7, 1 - 1e-7), y)

# %% loss_after_update: the loss is computed anew after the step.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
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

# %% loss_tensors: the losses keep their graphs.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
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

# %% loss_without_graph: loss is a float when backward is called.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y).item()
        losses.append(loss)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% lr_ignored: the learning rate of the lecture is written into the code.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% mean_not_sum: the mean over the outcomes.
def entropy(p):
    return -torch.xlogy(p, p).mean()

# %% mean_not_sum__cross_entropy: the mean over the outcomes.
def cross_entropy(p, q):
    return -torch.xlogy(p, q).mean()

# %% missing_minus: without the minus the loss is negative, and best where it is worst.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return (y * log_p + (1 - y) * log_not_p).mean()

# %% missing_minus__entropy: without the minus the entropy is negative.
def entropy(p):
    return torch.xlogy(p, p).sum()

# %% missing_minus__logits: log(sigmoid) comes without its minus.
def bce_with_logits(z, y):
    return (z * y - torch.logaddexp(torch.zeros_like(z), z)).mean()

# %% no_boundary_line: the boundary is forgotten.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(hours)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o")
    ax.plot(hours, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    return fig

# %% no_boundary_line__horizontal: axhline draws a horizontal line.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(hours)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o")
    ax.plot(hours, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.axhline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    return fig

# %% no_curve: the model is evaluated at the samples only.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(x)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o")
    ax.plot(x, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.axvline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    return fig

# %% no_curve__logits: the straight line in front of the sigmoid is drawn.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model.linear(hours)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o")
    ax.plot(hours, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.axvline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    return fig

# %% no_half_line: the line at 0.5 is forgotten.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(hours)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o")
    ax.plot(hours, p)
    ax.axvline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    return fig

# %% no_labels: nobody says what the axes show.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(hours)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o")
    ax.plot(hours, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.axvline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.grid()
    return fig

# %% no_sigmoid: forward stops at the linear layer, so it returns logits.
class LogisticRegressionModel(...):
    def forward(self, x):
        return self.linear(x)

# %% no_step: nothing updates the parameters.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
    return losses

# %% no_step__no_backward: without backward there is no gradient, and step does nothing.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        optimizer.step()
    return losses

# %% not_each_epoch: range(1, epochs) makes one round too few.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(1, epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% not_each_epoch__after_loop: append stands after the loop.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    losses.append(loss.item())
    return losses

# %% not_one_linear: without a bias the boundary is always at 0 hours.
class LogisticRegressionModel(...):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1, bias=False)

# %% not_one_linear__two_layers: a second linear layer.
class LogisticRegressionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(1, 4)
        self.linear2 = nn.Linear(4, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear2(self.linear1(x)))

# %% not_registered: a new layer in every forward pass: nothing can be learned.
class LogisticRegressionModel(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        linear = nn.Linear(1, 1)
        return torch.sigmoid(linear(x))

# %% not_registered__list: the layer lies in a plain list, where PyTorch does not find it.
class LogisticRegressionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(1, 1)]

    def forward(self, x):
        return torch.sigmoid(self.layers[0](x))

# %% not_zeroed: the gradients of all epochs add up.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        loss.backward()
        optimizer.step()
    return losses

# %% not_zeroed__before_loop: zero_grad is called once only, before the loop.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    optimizer.zero_grad()
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        loss.backward()
        optimizer.step()
    return losses

# %% one_distribution: copied from entropy: q is not used.
def cross_entropy(p, q):
    return -torch.xlogy(p, p).sum()

# %% one_term_only: the samples with y = 0 count for nothing.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    return -(y * torch.log(p)).mean()

# %% one_term_only__logits: y * z is forgotten, so every label counts as 0.
def bce_with_logits(z, y):
    return (z.clamp(min=0) + torch.log1p(torch.exp(-z.abs()))).mean()

# %% other_activation: tanh lies between -1 and 1, not between 0 and 1.
class LogisticRegressionModel(...):
    def forward(self, x):
        return torch.tanh(self.linear(x))

# %% other_activation__relu: a ReLU before the sigmoid leaves no probability below 0.5.
class LogisticRegressionModel(...):
    def forward(self, x):
        return torch.sigmoid(torch.relu(self.linear(x)))

# %% other_activation__softmax: the softmax over a single column is always 1.
class LogisticRegressionModel(...):
    def forward(self, x):
        return torch.softmax(self.linear(x), dim=1)

# %% other_logarithm: log2 measures in bits.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    log_p = torch.log2(p).clamp(min=-100)
    log_not_p = torch.log2(1 - p).clamp(min=-100)
    return -(y * log_p + (1 - y) * log_not_p).mean()

# %% other_logarithm__entropy: log2 measures in bits.
def entropy(p):
    p = p[p > 0]
    return -(p * torch.log2(p)).sum()

# %% overflow: sigmoid(z) is rounded to 0 or 1, and the logarithm of 0 is infinite.
def bce_with_logits(z, y):
    p = torch.sigmoid(z)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

# %% overflow__exp: exp(1000) is infinite.
def bce_with_logits(z, y):
    return (torch.log(1 + torch.exp(z)) - y * z).mean()

# %% samples_missing: only the model is drawn.
def plot_boundary(model, x, y):
    hours = torch.linspace(0, 10, 200).view(-1, 1)
    with torch.no_grad():
        p = model(hours)
    fig, ax = plt.subplots()
    ax.plot(hours, p)
    ax.plot([0, 10], [0.5, 0.5], c="r")
    ax.axvline(decision_boundary(model), c="g")
    ax.set_xlabel("Hours")
    ax.set_ylabel("Probability of Pass")
    ax.grid()
    return fig

# %% sigmoid_twice: the layer already ends in a sigmoid, and forward applies another.
class LogisticRegressionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        x = self.sigmoid(self.linear(x))
        return torch.sigmoid(x)

# %% sigmoid_twice__own_loss: the logits' loss is given sigmoid(z).
def bce_with_logits(z, y):
    z = torch.sigmoid(z)
    return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()

# %% sigmoid_twice__with_logits_loss: the model gives probabilities, but this loss applies the sigmoid itself.
def train(model, x, y, epochs, lr):
    criterion = nn.BCEWithLogitsLoss()
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

# %% squared_error: the loss of linear regression.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    return ((p - y) ** 2).mean()

# %% squared_error__criterion: the loss of linear regression.
def train(model, x, y, epochs, lr):
    criterion = nn.MSELoss()
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

# %% sum_not_mean: the sum over the samples, as with the lecture's size_average=False.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return -(y * log_p + (1 - y) * log_not_p).sum()

# %% sum_not_mean__logits: the sum over the samples.
def bce_with_logits(z, y):
    return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).sum()

# %% sum_not_mean__size_average: size_average=False is the sum: with twice the samples, the step is twice as long.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss(size_average=False)
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

# %% terms_mixed: the second term was copied from the first, and its factor not changed.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return -(y * log_p + y * log_not_p).mean()

# %% wrong_exception: an assertion is not the exception that was asked for.
def binary_cross_entropy(p, y):
    assert p.shape == y.shape, "p and y differ in shape"
    log_p = torch.log(p).clamp(min=-100)
    log_not_p = torch.log(1 - p).clamp(min=-100)
    return -(y * log_p + (1 - y) * log_not_p).mean()

# %% wrong_optimizer: Adam instead of SGD.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% wrong_optimizer__momentum: SGD with momentum.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    losses = []
    for epoch in range(epochs):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        losses.append(loss.item())

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses

# %% zero_times_log: for p = 1 and y = 1 the second term is 0 * -inf, and that is NaN.
def binary_cross_entropy(p, y):
    if p.shape != y.shape:
        raise ValueError("p and y differ in shape")
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

# %% zero_times_log__entropy: where p is 0 this is 0 * -inf, and that is NaN.
def entropy(p):
    return -(p * p.log()).sum()

# %% zeroed_before_step: zero_grad wipes the gradient before it is used.
def train(model, x, y, epochs, lr):
    criterion = nn.BCELoss()
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
