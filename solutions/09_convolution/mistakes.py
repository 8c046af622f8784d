"""What learners get wrong in exercise 09: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 09 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% activation_on_logits: a ReLU after every layer, the last one too.
class Net(...):
    def last(self, x):
        return F.relu(self.fc(x))

# %% activation_on_logits__sigmoid: a sigmoid at the end.
class Net(...):
    def last(self, x):
        return torch.sigmoid(self.fc(x))

# %% average_pooled: average pooling.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.AvgPool2d(2)
        self.fc = nn.Linear(320, 10)

# %% average_pooled__after_relu: the average of the rectified values, in the second place.
class Net(...):
    def second(self, x):
        return F.avg_pool2d(F.relu(self.conv2(x)), 2)

# %% batch_changed: the second pooling is missing, and view(-1, 320) cuts each image into four.
class Net(...):
    def second(self, x):
        return F.relu(self.conv2(x))

    def flat(self, x):
        return x.view(-1, 320)

# %% batch_changed__half: 160 for 320, and -1 in the place of the batch.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(160, 10)

    def flat(self, x):
        return x.view(-1, 160)

# %% batch_flattened: view(-1) makes one row of the batch.
class Net(...):
    def flat(self, x):
        return x.view(-1)

# %% batch_flattened__flatten: torch.flatten starts at dimension 0.
class Net(...):
    def flat(self, x):
        return torch.flatten(x)

# %% batch_left: (1, 10, 24, 24) comes back.
def feature_maps(model, image):
    return model.conv1(image.unsqueeze(0)).detach()

# %% batch_missing: the image goes through the whole Net without a batch dimension.
class Net(...):
    def forward(self, x):
        x = F.relu(self.pooling(self.conv1(x)))
        x = F.relu(self.pooling(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = self.fc(x)
        return x


def feature_maps(model, image):
    kept = []
    handle = model.conv1.register_forward_hook(lambda m, given, output: kept.append(output.detach()))
    model(image)
    handle.remove()
    return kept[0]

# %% bias_always_counted: bias is never looked at.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    return out_channels * (in_channels // groups) * kernel_size * kernel_size + out_channels

# %% bias_not_counted: only the weights.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    return out_channels * (in_channels // groups) * kernel_size * kernel_size

# %% biases_wrong: one bias for the whole layer.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    return out_channels * (in_channels // groups) * kernel_size ** 2 + (1 if bias else 0)

# %% biases_wrong__every_kernel: one bias for each pair of channels.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    return out_channels * in_channels // groups * (kernel_size * kernel_size) + bias * out_channels * in_channels

# %% biases_wrong__inputs: one bias for each input channel.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    n = out_channels * (in_channels // groups) * kernel_size ** 2
    if bias:
        n += in_channels
    return n

# %% channels_swapped: output channels first.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(10, 1, kernel_size=5)
        self.conv2 = nn.Conv2d(20, 10, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

# %% channels_swapped__second: the channels of conv2 are swapped.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(20, 10, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

# %% dilation_forgotten: dilation is ignored.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - kernel_size) // stride + 1

# %% dilation_times_kernel: the dilated kernel is taken for dilation * kernel_size pixels.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * kernel_size) // stride + 1

# %% extra_layer: dropout as in PyTorch's own example.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.drop = nn.Dropout2d()
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

    def second(self, x):
        return F.relu(self.pooling(self.drop(self.conv2(x))))

# %% extra_layer__batch_norm: batch normalisation after the first convolution.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.bn = nn.BatchNorm2d(10)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

    def first(self, x):
        return F.relu(self.pooling(self.bn(self.conv1(x))))

# %% extra_layer__functional: dropout as a function, always on.
class Net(...):
    def last(self, x):
        return self.fc(F.dropout(x, 0.3))

# %% extra_layer__hidden: a hidden linear layer of 50.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def last(self, x):
        return self.fc2(F.relu(self.fc1(x)))

# %% extra_layer__parameter: a weight that nothing uses.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.scale = nn.Parameter(torch.ones(1))
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

# %% figure_not_returned: plt.show() instead of return.
def plot_feature_maps(maps):
    plt.figure()
    for i in range(len(maps)):
        plt.subplot(1, len(maps), i + 1)
        plt.imshow(maps[i])
    plt.show()

# %% figure_not_returned__plt: the module is returned.
def plot_feature_maps(maps):
    plt.figure()
    for i in range(len(maps)):
        plt.subplot(1, len(maps), i + 1)
        plt.imshow(maps[i])
    return plt

# %% figure_reused: no new figure, so plt draws into the old one.
def plot_feature_maps(maps):
    for i in range(len(maps)):
        plt.subplot(1, len(maps), i + 1)
        plt.imshow(maps[i])
    return plt.gcf()

# %% first_convolution_lost: y = conv2(x), with x still the image.
class Net(...):
    def forward(self, x):
        batch_size = x.size(0)
        y = F.relu(self.pooling(self.conv1(x)))
        y = F.relu(self.pooling(self.conv2(x)))
        x = y.view(batch_size, -1)
        x = self.fc(x)
        return x

# %% first_convolution_lost__made_to_fit: conv2 reads the image, and the sizes were changed until it ran.
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(1, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(2880, 10)

    def forward(self, x):
        batch_size = x.size(0)
        y = F.relu(self.pooling(self.conv1(x)))
        x = F.relu(self.pooling(self.conv2(x)))
        x = x.view(batch_size, -1)
        x = self.fc(x)
        return x

# %% fixed_count: two rows of five, always.
def plot_feature_maps(maps):
    fig, axes = plt.subplots(2, 5)
    for ax, m in zip(axes.flat, maps):
        ax.imshow(m)
    return fig

# %% fixed_count__half: two rows of C // 2: the last of an odd number has no place.
def plot_feature_maps(maps):
    fig, axes = plt.subplots(2, max(1, len(maps) // 2), squeeze=False)
    for ax, m in zip(axes.flat, maps):
        ax.imshow(m)
    return fig

# %% fixed_count__index: axes[i] of ten.
def plot_feature_maps(maps):
    fig, axes = plt.subplots(1, 10)
    for i in range(len(maps)):
        axes[i].imshow(maps[i])
    return fig

# %% fixed_count__range: ten maps, always.
def plot_feature_maps(maps):
    fig = plt.figure()
    for i in range(10):
        plt.subplot(2, 5, i + 1)
        plt.imshow(maps[i])
    return fig

# %% flat_size: the channels of the first convolution were counted.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(10 * 4 * 4, 10)

# %% flat_size__kernel: 5x5 maps were expected.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(20 * 5 * 5, 10)

    def flat(self, x):
        return x.view(x.size(0), 500)

# %% gradients_off: gradients are switched off, and never on again.
def feature_maps(model, image):
    torch.set_grad_enabled(False)
    return model.conv1(image.unsqueeze(0)).squeeze(0)

# %% graph_attached: no detach, no no_grad.
def feature_maps(model, image):
    return model.conv1(image.unsqueeze(0)).squeeze(0)

# %% graph_attached__clone: clone stays in the graph.
def feature_maps(model, image):
    out = model.conv1(image.unsqueeze(0))
    return out[0].clone()

# %% graph_cut: .data in the middle of forward.
class Net(...):
    def flat(self, x):
        return x.data.view(x.size(0), -1)

# %% graph_cut__first: the output of conv1 is detached.
class Net(...):
    def first(self, x):
        return F.relu(self.pooling(self.conv1(x).detach()))

# %% graph_cut__no_grad: forward runs under no_grad.
class Net(...):
    def forward(self, x):
        batch_size = x.size(0)
        x = F.relu(self.pooling(self.conv1(x)))
        x = F.relu(self.pooling(self.conv2(x)))
        x = x.view(batch_size, -1)
        with torch.no_grad():
            x = self.fc(x)
        return x

# %% groups_ignored: groups is ignored.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    n = in_channels * out_channels * kernel_size * kernel_size
    return n + out_channels if bias else n

# %% groups_twice: both channels are divided by groups.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    n = (in_channels // groups) * (out_channels // groups) * kernel_size ** 2
    return n + out_channels if bias else n

# %% groups_twice__biases: the sum with the biases is divided.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    n = in_channels * out_channels * kernel_size ** 2
    if bias:
        n = n + out_channels
    return n // groups

# %% kernel_forgotten: the size as with padding='same'.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding) // stride

# %% kernel_forgotten__added: the sign of the kernel.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding + dilation * (kernel_size - 1) + 1) // stride + 1

# %% kernel_not_squared: the side of the kernel once.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    n = out_channels * (in_channels // groups) * kernel_size
    return n + out_channels if bias else n

# %% kernel_not_squared__twice: 2 * k for k * k.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    n = out_channels * (in_channels // groups) * (kernel_size * 2)
    return n + out_channels if bias else n

# %% kernels_not_maps: the weights of conv1.
def feature_maps(model, image):
    return model.conv1.weight.detach()

# %% later_layer: the ReLU is applied, too.
def feature_maps(model, image):
    return F.relu(model.conv1(image.unsqueeze(0))).squeeze(0).detach()

# %% later_layer__logits: the output of the network.
def feature_maps(model, image):
    return model(image.unsqueeze(0)).squeeze(0).detach()

# %% later_layer__pooled: pooling and ReLU are applied, too.
def feature_maps(model, image):
    return F.relu(model.pooling(model.conv1(image.unsqueeze(0)))).squeeze(0).detach()

# %% later_layer__second: the maps of conv2.
def feature_maps(model, image):
    x = F.relu(model.pooling(model.conv1(image.unsqueeze(0))))
    return model.conv2(x)[0].detach()

# %% map_transposed: each map is transposed.
def plot_feature_maps(maps):
    fig = plt.figure()
    for i in range(len(maps)):
        plt.subplot(1, len(maps), i + 1)
        plt.imshow(maps[i].T)
    return fig

# %% map_transposed__permuted: permute(0, 2, 1).
def plot_feature_maps(maps):
    fig = plt.figure()
    maps = maps.permute(0, 2, 1)
    for i in range(len(maps)):
        plt.subplot(1, len(maps), i + 1)
        plt.imshow(maps[i])
    return fig

# %% missing_relu: no activation at all.
class Net(...):
    def first(self, x):
        return self.pooling(self.conv1(x))

    def second(self, x):
        return self.pooling(self.conv2(x))

# %% missing_relu__first: no activation after conv1.
class Net(...):
    def first(self, x):
        return self.pooling(self.conv1(x))

# %% missing_relu__second: no activation after conv2, and a softmax at the end.
class Net(...):
    def second(self, x):
        return self.pooling(self.conv2(x))

    def last(self, x):
        return F.softmax(self.fc(x), dim=1)

# %% mode_changed: eval and no way back.
def feature_maps(model, image):
    model.eval()
    with torch.no_grad():
        return model.conv1(image.unsqueeze(0)).squeeze(0)

# %% mode_changed__always_train: train() at the end, whatever it was before.
def feature_maps(model, image):
    model.eval()
    with torch.no_grad():
        maps = model.conv1(image.unsqueeze(0)).squeeze(0)
    model.train()
    return maps

# %% model_changed: the hook stays.
def feature_maps(model, image):
    kept = []
    handle = model.conv1.register_forward_hook(lambda m, given, output: kept.append(output.detach()))
    model(image.unsqueeze(0))
    return kept[0][0]

# %% model_changed__frozen: the parameters are frozen.
def feature_maps(model, image):
    for p in model.parameters():
        p.requires_grad = False
    return model.conv1(image.unsqueeze(0)).squeeze(0)

# %% model_changed__other_layers: all other layers are frozen.
def feature_maps(model, image):
    for p in model.parameters():
        p.requires_grad_(p is model.conv1.weight)
    with torch.no_grad():
        return model.conv1(image.unsqueeze(0)).squeeze(0)

# %% model_not_used: a new Net is made inside.
def feature_maps(model, image):
    model = Net()
    return model.conv1(image.unsqueeze(0)).squeeze(0).detach()

# %% model_not_used__global: the global net of the script.
# new: net
net = Net()


def feature_maps(model, image):
    return net.conv1(image.unsqueeze(0)).squeeze(0).detach()

# %% net_padded: padding=2 keeps the image, and the linear layer was made to fit.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5, padding=2)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(980, 10)

# %% net_padded__raises: padding=2 with a linear layer for 320.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5, padding=2)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

    def flat(self, x):
        return x.view(-1, 320)

# %% net_padded__second: the second convolution pads.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5, padding=2)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(720, 10)

# %% next_channels: conv2 is built for the grey image.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(1, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

# %% no_bias: bias=False.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5, bias=False)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5, bias=False)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10)

# %% no_bias__linear: the linear layer has no bias.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(320, 10, bias=False)

# %% not_an_int: true division.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1

# %% not_an_int__numpy: np.floor gives a float.
import numpy as np

def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return np.floor((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1)

# %% not_flattened: no view before the linear layer.
class Net(...):
    def forward(self, x):
        batch_size = x.size(0)
        x = F.relu(self.pooling(self.conv1(x)))
        x = F.relu(self.pooling(self.conv2(x)))
        x = self.fc(x)
        return x

# %% not_flattened__view_dropped: view is not in place.
class Net(...):
    def flat(self, x):
        x.view(x.size(0), -1)
        return x

# %% not_registered: the convolutions lie in a Python list.
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.convs = [nn.Conv2d(1, 10, kernel_size=5), nn.Conv2d(10, 20, kernel_size=5)]
        self.fc = nn.Linear(320, 10)

    def forward(self, x):
        for conv in self.convs:
            x = F.relu(F.max_pool2d(conv(x), 2))
        return self.fc(x.view(x.size(0), -1))


def feature_maps(model, image):
    x = image.unsqueeze(0)
    return model.convs[0](x).squeeze(0).detach()

# %% not_registered__in_forward: the linear layer is made anew in each forward pass, on top of random numbers.
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)

    def forward(self, x):
        batch_size = x.size(0)
        x = F.relu(self.pooling(self.conv1(x)))
        x = F.relu(self.pooling(self.conv2(x)))
        x = x.view(batch_size, -1)
        torch.manual_seed(0)
        fc = nn.Linear(320, 10)
        x = fc(x)
        return x

# %% nothing_drawn: axes, but nothing in them.
def plot_feature_maps(maps):
    fig, axes = plt.subplots(1, len(maps), squeeze=False)
    for i, ax in enumerate(axes[0]):
        ax.set_title(f"channel {i}")
    return fig

# %% off_by_one: the + 1 is missing.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride

# %% off_by_one__kernel: the kernel is subtracted with its dilation as (k - 1) + 1 + 1.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    effective = kernel_size + (kernel_size - 1) * (dilation - 1)
    return (size + 2 * padding - effective - 1) // stride + 1

# %% off_by_one__too_many: both the - 1 and the + 1 were changed to one + 1.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel_size - 1)) // stride + 1

# %% one_axes: every imshow goes into the same axes.
def plot_feature_maps(maps):
    fig = plt.figure()
    for i in range(len(maps)):
        plt.imshow(maps[i])
    return fig

# %% one_kernel_for_all: the input channels are forgotten.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    n = out_channels * kernel_size * kernel_size
    return n + out_channels if bias else n

# %% one_kernel_for_all__outputs: the output channels are forgotten.
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    n = in_channels // groups * kernel_size * kernel_size
    return n + out_channels if bias else n

# %% other_activation: sigmoid as in LeNet.
class Net(...):
    def first(self, x):
        return torch.sigmoid(self.pooling(self.conv1(x)))

    def second(self, x):
        return torch.sigmoid(self.pooling(self.conv2(x)))

# %% other_activation__leaky: a leaky ReLU in one place.
class Net(...):
    def second(self, x):
        return F.leaky_relu(self.pooling(self.conv2(x)))

# %% padding_forgotten: padding is taken and never used.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size - dilation * (kernel_size - 1) - 1) // stride + 1

# %% padding_once: the padding is counted at one end only.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + padding - dilation * (kernel_size - 1) - 1) // stride + 1

# %% pooling_missing: no pooling after conv2, and the linear layer was made to fit.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(20 * 8 * 8, 10)

    def second(self, x):
        return F.relu(self.conv2(x))

# %% pooling_missing__both: no pooling at all.
class Net(...):
    def first(self, x):
        return F.relu(self.conv1(x))

    def second(self, x):
        return F.relu(self.conv2(x))

# %% pooling_missing__stride: the pooling moves by one pixel.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.pooling = nn.MaxPool2d(2, stride=1)
        self.fc = nn.Linear(320, 10)

# %% rounded_up: math.ceil.
import math

def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return math.ceil((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1

# %% rounded_up__round: round goes to the nearest.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return round((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1)

# %% same_map: maps[0] in the loop.
def plot_feature_maps(maps):
    fig = plt.figure()
    for i in range(len(maps)):
        plt.subplot(1, len(maps), i + 1)
        plt.imshow(maps[0])
    return fig

# %% single_axes: subplots(1, 1) gives no array.
def plot_feature_maps(maps):
    fig, axes = plt.subplots(1, len(maps))
    for i in range(len(maps)):
        axes[i].imshow(maps[i])
    return fig

# %% single_axes__flat: axes.flat of a single axes.
def plot_feature_maps(maps):
    fig, axes = plt.subplots(1, len(maps))
    for ax, m in zip(axes.flat, maps):
        ax.imshow(m)
    return fig

# %% softmax_on_logits: softmax at the end.
class Net(...):
    def last(self, x):
        return F.softmax(self.fc(x), dim=1)

# %% softmax_on_logits__log: log_softmax as in PyTorch's own example.
class Net(...):
    def last(self, x):
        return F.log_softmax(self.fc(x))

# %% softmax_on_logits__wrong_dim: softmax over the batch.
class Net(...):
    def last(self, x):
        return torch.softmax(self.fc(x), dim=0)

# %% stride_divides_all: the + 1 is divided by the stride, too.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel_size - 1)) // stride

# %% stride_forgotten: the rule of the lecture for stride 1.
def conv2d_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    return size + 2 * padding - dilation * (kernel_size - 1)

# %% wrong_order: the last channel first.
def plot_feature_maps(maps):
    fig = plt.figure()
    for i in range(len(maps)):
        plt.subplot(1, len(maps), i + 1)
        plt.imshow(maps[-1 - i])
    return fig

# %% wrong_sizes: conv2 has a 3x3 kernel, and the linear layer was made to fit.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=3)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(500, 10)

# %% wrong_sizes__wider: 16 and 32 channels.
class Net(...):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=5)
        self.pooling = nn.MaxPool2d(2)
        self.fc = nn.Linear(512, 10)
