"""The checks of exercise 04 as anyone would write them for plain pytest: in one process with the learner's code.

`classroom.py` runs this file with `python -m pytest`, and hands its functions to nbgrader and otter; the attempt's path
comes in ATTEMPT.
"""

import importlib.util
import os

import pytest
import torch
from torch import nn

N, FEATURES, EPOCHS, LR = 5, 3, 4, 0.01


@pytest.fixture(scope="module")
def attempt():
    spec = importlib.util.spec_from_file_location("linear_regression", os.environ["ATTEMPT"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def problem():
    x, y = torch.randn(N, FEATURES, dtype=torch.float64), torch.randn(N, 1, dtype=torch.float64)
    return nn.Linear(FEATURES, 1, dtype=torch.float64), x, y


def descended(model, x, y, epochs, lr):
    weight, bias, losses = model.weight.detach().clone(), model.bias.detach().clone(), []
    for _ in range(epochs):
        error = x @ weight.T + bias - y
        losses.append(float((error**2).sum()))
        weight, bias = weight - lr * 2 * error.T @ x, bias - lr * 2 * error.sum(0)
    return losses, weight, bias


def test_model_shape(attempt):
    for rows in (N, 1):
        assert attempt.LinearModel()(torch.randn(rows, 1)).shape == (rows, 1)


def test_model_parameters(attempt):
    model = attempt.LinearModel()
    model(torch.randn(N, 1))  # lazy layers take their sizes from it
    assert [p.numel() for p in model.parameters()] == [1, 1]


def test_model_line(attempt):
    model, x, upstream = attempt.LinearModel(), torch.linspace(-4, 4, N)[:, None], torch.randn(N, 1)
    y = model(x)
    w, b = (model(torch.tensor([[at]])).item() for at in (1.0, 0.0))
    assert torch.allclose(y, (w - b) * x + b, atol=1e-5)
    (y * upstream).sum().backward()
    found = sorted(p.grad.item() for p in model.parameters())
    assert found == pytest.approx(sorted([(upstream * x).sum().item(), upstream.sum().item()]), rel=1e-4, abs=1e-4)


def test_train_losses(attempt):
    model, x, y = problem()
    losses, *_ = descended(model, x, y, EPOCHS, LR)
    found = attempt.train(model, x, y, EPOCHS, LR)
    assert all(isinstance(loss, float) for loss in found)
    assert found == pytest.approx(losses)


def test_train_step(attempt):
    for lr in (LR, LR / 2):
        model, x, y = problem()
        _, weight, bias = descended(model, x, y, 1, lr)
        attempt.train(model, x, y, 1, lr)
        assert torch.allclose(model.weight, weight)
        assert torch.allclose(model.bias, bias)


def test_train_epochs(attempt):
    model, x, y = problem()
    for epochs in (EPOCHS, EPOCHS - 1):
        _, weight, bias = descended(model, x, y, epochs, LR)
        attempt.train(model, x, y, epochs, LR)
        assert torch.allclose(model.weight, weight)
        assert torch.allclose(model.bias, bias)


def test_model_trained(attempt):
    x = torch.linspace(-1, 1, N)[:, None]
    model = attempt.LinearModel()
    attempt.train(model, x, 2 * x - 1, 200, 0.05)
    assert torch.allclose(model(x), 2 * x - 1, atol=1e-2)


def test_predict(attempt):
    model, x, _ = problem()
    for rows in (N, 1):
        found = attempt.predict(model, x[:rows])
        assert not found.requires_grad
        assert torch.allclose(found, model(x[:rows]))


def test_predict_leaves_model(attempt):
    for training in (True, False):
        model, x, _ = problem()
        before = model.weight.detach().clone()
        attempt.predict(model.train(training), x)
        assert model.training is training
        assert torch.equal(model.weight, before)
        assert torch.is_grad_enabled()
        assert all(p.requires_grad for p in model.parameters())
