"""What learners get wrong in exercise 11: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 11 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% accumulated: backward() for each weight: what it finds is added up.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    norms = []
    for weight in weights:
        loss.backward(retain_graph=True)
        norms.append(weight.grad.norm().item())
    return norms

# %% accumulated__list: The list of norms outlives the call.
def gradient_norms(depth, residual, width=16, seed=0, norms=[]):
    weights, hs, loss = stack(depth, residual, width, seed)
    loss.backward()
    for weight in weights:
        norms.append(weight.grad.norm().item())
    return norms

# %% accumulated__second_time: backward() for each weight, and the graph is gone after the first.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    norms = []
    for weight in weights:
        loss.backward()
        norms.append(weight.grad.norm().item())
    return norms

# %% accumulated__total: The numbers are running totals.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    loss.backward()
    total, norms = 0.0, []
    for weight in weights:
        total += weight.grad.norm().item()
        norms.append(total)
    return norms

# %% batch_norm: As in the published ResNet.
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(x + y)

# %% block_before_pooling: Pooling after the blocks.
class Net(...):
    def stage(self, x, conv, block):
        return F.max_pool2d(block(F.relu(conv(x))), 2)

# %% block_skipped: The second block is made but never called.
class Net(...):
    def forward(self, x):
        x = self.stage(x, self.conv1, self.block1)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.head(x)

# %% concatenated_not_added: Joined along the channels, as in an inception block.
class ResidualBlock(...):
    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x)))
        return F.relu(torch.cat([x, y], dim=1))

# %% curve_missing: Only the plain stack.
def plot_gradient_norms(plain, residual):
    figure, axes = plt.subplots()
    draw(axes, plain, "plain")
    explain(axes)
    return figure

# %% curve_missing__apart: Each curve in axes of its own.
def plot_gradient_norms(plain, residual):
    figure, (left, right) = plt.subplots(1, 2)
    draw(left, plain, "plain")
    draw(right, residual, "residual")
    for axes in (left, right):
        explain(axes)
    return figure

# %% figure_not_returned: plt.show() in place of return.
def plot_gradient_norms(plain, residual):
    figure, axes = plt.subplots()
    draw(axes, plain, "plain")
    draw(axes, residual, "residual")
    explain(axes)
    plt.show()

# %% figure_reused: Everything is drawn into the current figure.
def plot_gradient_norms(plain, residual):
    draw(plt.gca(), plain, "plain")
    draw(plt.gca(), residual, "residual")
    explain(plt.gca())
    return plt.gcf()

# %% first_convolution_lost: The second convolution starts from x again.
class ResidualBlock(...):
    def forward(self, x):
        y = F.relu(self.conv1(x))
        y = self.conv2(x)
        return F.relu(x + y)

# %% fixed_channels: The channels of the first block as figures.
class ResidualBlock(...):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)

# %% flat_size: The size of the flattened image is that of another net.
class Net(...):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.block1 = ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(320, 10)

# %% flat_size__view: A view with a fixed number of columns makes two rows of each image.
class Net(...):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.block1 = ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(256, 10)

    def head(self, x):
        return self.fc(x.view(-1, 256))

# %% gradient_is_none: The chain is cut before each layer.
def layer(x, h, weight, residual):
    step = torch.sigmoid(F.linear(h.detach(), weight))
    return h.detach() + step if residual else step

def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    loss.backward()
    return [weight.grad.norm().item() for weight in weights]

# %% gradient_is_none__no_backward: backward() is not called.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    return [weight.grad.norm().item() for weight in weights]

# %% gradient_of_h: Gradients with respect to the outputs of the layers.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    gradients = torch.autograd.grad(loss, hs)
    return [gradient.norm().item() for gradient in gradients]

# %% graph_cut: The skip is detached.
class ResidualBlock(...):
    def forward(self, x):
        return F.relu(x.detach() + self.conv2(F.relu(self.conv1(x))))

# %% graph_cut__branch: The branch works on .data.
class ResidualBlock(...):
    def forward(self, x):
        return F.relu(x + self.conv2(F.relu(self.conv1(x).data)))

# %% graph_cut__net: Net leaves its graph on the way.
class Net(...):
    def head(self, x):
        x = x.data
        return self.fc(x.flatten(start_dim=1))

# %% input_changed: The skip is added in place, to the input.
class ResidualBlock(...):
    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x)))
        x += y
        return F.relu(x)

# %% input_changed__relu: A ReLU in place at the beginning.
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(self.relu(x))))
        return self.relu(x + y)

# %% linear_axis: A linear axis.
def draw(axes, norms, name):
    axes.plot(norms, label=name)

# %% linear_axis__both: Both axes are logarithmic.
def draw(axes, norms, name):
    axes.loglog(range(1, len(norms) + 1), norms, label=name)

# %% logarithm_drawn: The logarithms on a linear axis.
import math

def draw(axes, norms, name):
    axes.plot([math.log10(norm) for norm in norms], label=name)

# %% missing_padding: The second convolution has no padding.
class ResidualBlock(...):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3)

# %% missing_padding__both: No padding at all, and the skip cut to fit.
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3)
        self.conv2 = nn.Conv2d(channels, channels, 3)

    def forward(self, x):
        return F.relu(x[..., 2:-2, 2:-2] + self.conv2(F.relu(self.conv1(x))))

# %% missing_relu: No ReLU before the pooling.
class Net(...):
    def stage(self, x, conv, block):
        return block(F.max_pool2d(conv(x), 2))

# %% missing_relu__second: No ReLU after the second convolution.
class Net(...):
    def forward(self, x):
        x = self.stage(x, self.conv1, self.block1)
        x = self.block2(F.max_pool2d(self.conv2(x), 2))
        return self.head(x)

# %% net_average_pool: Average pooling.
class Net(...):
    def stage(self, x, conv, block):
        return block(F.avg_pool2d(F.relu(conv(x)), 2))

# %% no_bias: Convolutions without a bias, as before batch normalisation.
class ResidualBlock(...):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

# %% no_bias__net: A convolution of Net without a bias.
class Net(...):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, bias=False)
        self.block1 = ResidualBlock(16)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(512, 10)

# %% no_final_relu: The sum leaves the block without a ReLU.
class ResidualBlock(...):
    def forward(self, x):
        y = F.relu(self.conv1(x))
        y = self.conv2(y)
        return x + y

# %% no_labels: No labels.
def explain(axes):
    axes.legend()

# %% no_labels__legend: No legend.
def explain(axes):
    axes.set(xlabel="layer", ylabel="norm of the gradient")

# %% no_middle_relu: No ReLU between the convolutions.
class ResidualBlock(...):
    def forward(self, x):
        y = self.conv2(self.conv1(x))
        return F.relu(x + y)

# %% no_requires_grad: Nobody told autograd about the weights.
def stack(depth, residual, width, seed):
    x, y, weights = random_layers(depth, width, seed)
    hs = [x]
    for weight in weights:
        hs.append(layer(x, hs[-1], weight, residual))
    return weights, hs[1:], F.mse_loss(hs[-1], y)

# %% no_skip: The skip connection is forgotten.
class ResidualBlock(...):
    def forward(self, x):
        y = F.relu(self.conv1(x))
        y = self.conv2(y)
        return F.relu(y)

# %% norm_of_values: The norms of the weights.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    return [weight.norm().item() for weight in weights]

# %% not_registered: The convolutions lie in a plain list.
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.convs = [nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)]

    def forward(self, x):
        y = self.convs[1](F.relu(self.convs[0](x)))
        return F.relu(x + y)

# %% not_registered__forward: The second convolution is made anew in each forward pass.
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.channels = channels

    def forward(self, x):
        conv2 = nn.Conv2d(self.channels, self.channels, 3, padding=1).to(x.device)
        return F.relu(x + conv2(F.relu(self.conv1(x))))

# %% one_number: The first layer only.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    gradients = torch.autograd.grad(loss, weights)
    return gradients[0].norm().item()

# %% one_number__overwritten: The list begins anew in each round.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    loss.backward()
    for weight in weights:
        norms = []
        norms.append(weight.grad.norm().item())
    return norms

# %% other_activation: ReLU instead of the sigmoid.
def layer(x, h, weight, residual):
    step = torch.relu(F.linear(h, weight))
    return h + step if residual else step

# %% other_activation__none: No activation.
def layer(x, h, weight, residual):
    step = F.linear(h, weight)
    return h + step if residual else step

# %% other_norm: The square of the norm.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    gradients = torch.autograd.grad(loss, weights)
    return [(gradient**2).sum().item() for gradient in gradients]

# %% other_norm__absolute: The sum of the absolute values.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    gradients = torch.autograd.grad(loss, weights)
    return [gradient.abs().sum().item() for gradient in gradients]

# %% relu_before_addition: A ReLU on the branch, and none after the addition.
class ResidualBlock(...):
    def forward(self, x):
        y = F.relu(self.conv1(x))
        y = F.relu(self.conv2(y))
        return x + y

# %% relu_before_addition__input: relu(x) + branch.
class ResidualBlock(...):
    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x)))
        return F.relu(x) + y

# %% relu_before_addition__three: A ReLU after every convolution, and one more after the addition.
class ResidualBlock(...):
    def forward(self, x):
        y = F.relu(self.conv1(x))
        y = F.relu(self.conv2(y))
        return F.relu(x + y)

# %% relu_on_logits: A ReLU at the end.
class Net(...):
    def head(self, x):
        return F.relu(self.fc(x.flatten(start_dim=1)))

# %% residual_mixed_up: The argument residual is ignored.
def layer(x, h, weight, residual):
    return h + torch.sigmoid(F.linear(h, weight))

# %% residual_mixed_up__inverted: The two stacks are mixed up.
def layer(x, h, weight, residual):
    step = torch.sigmoid(F.linear(h, weight))
    return step if residual else h + step

# %% reversed_order: In the order of backpropagation.
def gradient_norms(depth, residual, width=16, seed=0):
    weights, hs, loss = stack(depth, residual, width, seed)
    gradients = torch.autograd.grad(loss, weights)
    return [gradient.norm().item() for gradient in reversed(gradients)]

# %% same_convolution_twice: self.conv1 is called twice.
class ResidualBlock(...):
    def forward(self, x):
        return F.relu(x + self.conv1(F.relu(self.conv1(x))))

# %% same_convolution_twice__one: There is only one convolution.
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        y = self.conv(F.relu(self.conv(x)))
        return F.relu(x + y)

# %% same_convolution_twice__two_names: A second name makes no second convolution.
class ResidualBlock(...):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = self.conv1

# %% sigmoid_after_sum: The sigmoid of the sum.
def layer(x, h, weight, residual):
    z = F.linear(h, weight)
    return torch.sigmoid(h + z) if residual else torch.sigmoid(z)

# %% skip_convolved: A 3x3 convolution on the skip.
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.skip = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return F.relu(self.skip(x) + self.conv2(F.relu(self.conv1(x))))

# %% skip_from_input: x is added in every layer.
def layer(x, h, weight, residual):
    step = torch.sigmoid(F.linear(h, weight))
    return x + step if residual else step

# %% softmax_on_logits: A softmax at the end.
class Net(...):
    def head(self, x):
        return F.softmax(self.fc(x.flatten(start_dim=1)), dim=1)

# %% softmax_on_logits__log: A log-softmax at the end.
class Net(...):
    def head(self, x):
        return F.log_softmax(self.fc(x.flatten(start_dim=1)), dim=1)

# %% weight_transposed: h @ weight.
def layer(x, h, weight, residual):
    step = torch.sigmoid(h @ weight)
    return h + step if residual else step

# %% wrong_sizes: A bottleneck: half of the channels between the convolutions.
class ResidualBlock(...):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels // 2, 3, padding=1)
        self.conv2 = nn.Conv2d(channels // 2, channels, 3, padding=1)

# %% wrong_sizes__five: A 5x5 kernel.
class ResidualBlock(...):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 5, padding=2)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

# %% wrong_sizes__net: Net goes from 1 to 32 channels and back to 32.
class Net(...):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5)
        self.block1 = ResidualBlock(32)
        self.conv2 = nn.Conv2d(32, 32, 5)
        self.block2 = ResidualBlock(32)
        self.fc = nn.Linear(512, 10)

# %% wrong_summand: y + y: the branch is added to itself.
class ResidualBlock(...):
    def forward(self, x):
        y = F.relu(self.conv1(x))
        y = self.conv2(y)
        return F.relu(y + y)

# %% wrong_summand__first: The first half of the branch is added, and the second one is lost.
class ResidualBlock(...):
    def forward(self, x):
        y = F.relu(self.conv1(x))
        z = self.conv2(y)
        return F.relu(x + y)

# %% wrong_summand__renamed: x is overwritten, so that what is added is the first half of the branch.
class ResidualBlock(...):
    def forward(self, x):
        x = F.relu(self.conv1(x))
        return F.relu(x + self.conv2(x))
