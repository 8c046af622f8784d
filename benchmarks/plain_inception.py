"""The checks of exercise 10 as anyone would write them for plain pytest: in one process with the learner's code.

`check_latency.py` runs this file with `python -m pytest`; the attempt's path comes in ATTEMPT.
"""

import importlib.util
import os
from itertools import permutations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

CHANNELS, HEIGHT, WIDTH = 7, 12, 9
SHAPES = sorted([(16, 7, 1, 1)] * 3 + [(24, 7, 1, 1), (24, 16, 5, 5), (24, 16, 3, 3), (24, 24, 3, 3)])


@pytest.fixture(scope="module")
def attempt():
    spec = importlib.util.spec_from_file_location("inception_block", os.environ["ATTEMPT"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def loaded(attempt):
    block = attempt.InceptionA(CHANNELS)
    for parameter in block.parameters():
        nn.init.normal_(parameter, std=0.3)
    named = dict(block.named_parameters())
    pairs = [(p, named[n.removesuffix("weight") + "bias"]) for n, p in named.items() if p.dim() == 4]
    return block, {shape: [pair for pair in pairs if tuple(pair[0].shape) == shape] for shape in SHAPES}


def branches(x, found, roles):
    narrow = [found[16, 7, 1, 1][i] for i in roles]
    five = F.conv2d(F.conv2d(x, *narrow[1]), *found[24, 16, 5, 5][0], padding=2)
    three = F.conv2d(F.conv2d(x, *narrow[2]), *found[24, 16, 3, 3][0], padding=1)
    three = F.conv2d(three, *found[24, 24, 3, 3][0], padding=1)
    pooled = F.conv2d(F.avg_pool2d(x, 3, stride=1, padding=1), *found[24, 7, 1, 1][0])
    return F.conv2d(x, *narrow[0]), five, three, pooled


def test_block_shape(attempt):
    assert attempt.InceptionA(CHANNELS)(torch.randn(3, CHANNELS, HEIGHT, WIDTH)).shape == (3, 88, HEIGHT, WIDTH)


def test_block_convolutions(attempt):
    kernels = [tuple(p.shape) for p in attempt.InceptionA(CHANNELS).parameters() if p.dim() == 4]
    assert sorted(kernels) == SHAPES


def test_block_values(attempt):
    block, found = loaded(attempt)
    x = torch.randn(3, CHANNELS, HEIGHT, WIDTH)
    y = block(x)
    joined = (torch.cat(order, 1) for r in permutations(range(3)) for order in permutations(branches(x, found, r)))
    assert any(torch.allclose(y, expected, rtol=1e-3, atol=1e-4) for expected in joined)


def test_block_pooling(attempt):
    block, found = loaded(attempt)
    x = torch.randn(3, CHANNELS, HEIGHT, WIDTH)
    y, pooled = block(x), branches(x, found, (0, 1, 2))[3]
    assert any(torch.allclose(y[:, s : s + 24], pooled, rtol=1e-3, atol=1e-4) for s in range(65))


def test_block_is_linear(attempt):
    block, _ = loaded(attempt)
    a, b = torch.randn(2, 2, CHANNELS, HEIGHT, WIDTH)
    assert torch.allclose(block(a) + block(b), block(a + b) + block(torch.zeros_like(a)), rtol=1e-3, atol=1e-3)


def test_block_gradients(attempt):
    block, _ = loaded(attempt)
    x = torch.randn(2, CHANNELS, HEIGHT, WIDTH, requires_grad=True)
    (block(x) * torch.randn(2, 88, HEIGHT, WIDTH)).sum().backward()
    assert x.grad.any()
    assert all(p.grad is not None and p.grad.any() for p in block.parameters())


def test_net_shape(attempt):
    net, images = attempt.Net(), torch.randn(3, 1, 28, 28)
    together, alone = net(images), net(images[1:2])
    assert together.shape == (3, 10)
    assert torch.allclose(together[1:2], alone, atol=1e-5)


def test_net_layers(attempt):
    own = list(attempt.Net().parameters())
    assert len({id(p) for p in own}) == 34
    assert [tuple(p.shape) for p in own if p.dim() == 2] == [(10, 1408)]


def test_net_values(attempt):
    net, seen = attempt.Net(), []
    for module in net.modules():
        if isinstance(module, attempt.InceptionA):
            module.register_forward_hook(lambda m, given, out: seen.append((given[0], out)))
    images = torch.randn(3, 1, 28, 28)
    logits = net(images)
    named = dict(net.named_parameters())

    def layer(shape):
        name = next(n for n, p in named.items() if tuple(p.shape) == shape)
        return named[name], named[name.removesuffix("weight") + "bias"]

    first = F.relu(F.max_pool2d(F.conv2d(images, *layer((10, 1, 5, 5))), 2))
    second = F.relu(F.max_pool2d(F.conv2d(seen[0][1], *layer((20, 88, 5, 5))), 2))
    assert torch.allclose(seen[0][0], first, atol=1e-5)
    assert torch.allclose(seen[1][0], second, atol=1e-5)
    assert torch.allclose(logits, F.linear(seen[1][1].flatten(1), *layer((10, 1408))), atol=1e-5)
