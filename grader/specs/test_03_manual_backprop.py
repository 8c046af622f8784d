"""The hidden checks of exercise 03.

Gradients are looked at in the order in which backpropagation finds them, so that the first wrong one is named.  The
parts by hand are watched for autograd twice: in the syntax tree, and in what torch is asked to do while they run.
"""

from __future__ import annotations

import ast
from math import isclose
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from dlex.kit import Attempt, Inputs, Remote, Source, Text, Verdict, diagnoses, expect, explaining, fail_if
from dlex.kit.families import DIFFERENTIATION

N, INPUTS, HIDDEN, OUTPUTS = 5, 3, 4, 2
PREDICTION = Text(en="the prediction", zh="预测值")
LOSS = Text(en="the loss", zh="损失")
KEYS = Text(en="the list of keys that TwoLayerNet.backward gave", zh="TwoLayerNet.backward 给出的键")
WEIGHT = Text(en="w after the step", zh="更新后的 w")

D = diagnoses(__file__)

AUTOGRAD_WORDS = {"autograd", "forward_ad", "requires_grad", "requires_grad_", "jvp", "vjp", "jacrev", "jacfwd"}
NONE = r"(AttributeError|TypeError): .*NoneType"
MISFIT = r"RuntimeError: .*(cannot be multiplied|must match)"


def gradient_of(name: str) -> Text:
    """What a sentence calls the gradient of the loss with respect to `name`."""
    return Text(en=f"the gradient for {name}", zh=f"{name} 的梯度")


def vocabulary(source: Source, name: str) -> set[str]:
    """Every name, attribute and keyword in the definition `name`, and in those of the module that it uses."""
    found: set[str] = set()
    todo = [name]
    while todo:
        root = source.find(todo.pop())
        nodes = list(ast.walk(root)) if root is not None else []
        words = {n.id for n in nodes if isinstance(n, ast.Name)}
        words |= {n.attr for n in nodes if isinstance(n, ast.Attribute)}
        words |= {n.arg for n in nodes if isinstance(n, ast.keyword) and n.arg and ast.unparse(n.value) != "False"}
        todo += words - found
        found |= words
    return found


def by_hand(attempt: Attempt, name: str, function: Remote, *args: Any) -> Any:
    """Call `function`, which belongs to the definition `name`; fails if autograd has a hand in it."""
    fail_if(bool(vocabulary(attempt.source, name) & AUTOGRAD_WORDS), D.autograd_used, Verdict.FORBIDDEN_OP)
    seen = attempt.observe(function, *args)
    fail_if(DIFFERENTIATION.found_in(seen.ops), D.autograd_used, Verdict.FORBIDDEN_OP)
    return seen.value


def rebinds(source: Source) -> bool:
    """Whether train_step assigns to its parameter w."""
    function = source.find("train_step")
    if not isinstance(function, ast.FunctionDef) or len(function.args.args) < 3:
        return False
    targets = [t for n in ast.walk(function) if isinstance(n, ast.Assign) for t in n.targets]
    return any(isinstance(t, ast.Name) and t.id == function.args.args[2].arg for t in targets)


def doubles(rng: Inputs, *shape: int) -> torch.Tensor:
    """Normal values in float64."""
    return rng.normal(*shape, dtype=torch.float64)


def backpropagate(x: torch.Tensor, y: torch.Tensor, *weights: torch.Tensor) -> tuple[float, dict[str, torch.Tensor]]:
    """The loss of the two-layer net, and every gradient by autograd, in the order in which they are found."""
    x, w1, b1, w2, b2 = (t.clone().requires_grad_() for t in (x, *weights))
    z = x @ w1.T + b1
    h = z.relu()
    pred = h @ w2.T + b2
    loss = F.mse_loss(pred, y)
    values = {"pred": pred, "w2": w2, "b2": b2, "h": h, "z": z, "w1": w1, "b1": b1, "x": x}
    return loss.item(), dict(zip(values, torch.autograd.grad(loss, list(values.values())), strict=True))


def swapped(actual: list[float], right: list[float]) -> bool:
    """Whether the right numbers came in another order."""
    pairs = (actual, right), (sorted(actual), sorted(right))
    in_order, in_any = (all(isclose(a, b, rel_tol=1e-4) for a, b in zip(*pair, strict=True)) for pair in pairs)
    return in_any and not in_order


def is_one_of(actual: float, *wrong: float) -> bool:
    """Whether a number is one of those that a misconception would give."""
    return any(isclose(actual, value, rel_tol=1e-4) for value in wrong)


def which(actual: Any, *wrong: Any) -> Any:
    """The one of several wrong values of one misconception that `actual` equals, else the first."""
    if isinstance(actual, (torch.Tensor, float, int)):
        known = torch.as_tensor(actual).detach().double()
        for value in wrong:
            values = torch.as_tensor(value).double()
            if known.shape == values.shape and torch.allclose(known, values, rtol=1e-4):
                return value
    return wrong[0]


def not_squared(error: torch.Tensor) -> list[float]:
    """The means of what stands where the square of the error should."""
    return [e.mean().item() for e in (error, error.abs(), 2 * error, 2**error, error**3, error**4, error**0)]


def step(attempt: Attempt, x: float, y: float, w: Remote, lr: float) -> Any:
    """One call of train_step, which may change w."""
    none = D.rebound_parameter if rebinds(attempt.source) else D.zeroed_none
    with explaining({D.leaf_in_place: "leaf Variable that requires grad", none: NONE}):
        return attempt.may_mutate(attempt.train_step, x, y, w, lr)


def parameter(attempt: Attempt, value: float) -> Remote:
    """A tensor (1,) that requires grad, in the attempt process, where it keeps its gradient from call to call."""
    return attempt.keep(attempt.library("torch.tensor"), [value], dtype=torch.float64, requires_grad=True)


@pytest.mark.points(1)
@pytest.mark.public
def test_quadratic_gradients(attempt: Attempt, rng: Inputs) -> None:
    """quadratic_gradients gives dw1, dw2 and db of the squared error.

    zh: quadratic_gradients 给出平方误差对 w1、w2、b 的梯度。
    """
    for low, high, sign in ((2.3, 2.9, 1), (-1.8, -1.2, -1)):
        x, (w1, w2, b), error = rng.number(low, high), doubles(rng, 3).tolist(), sign * rng.number(0.6, 1.9)
        y = w1 * x**2 + w2 * x + b - error
        call = "quadratic_gradients"
        found = expect(by_hand(attempt, call, attempt.quadratic_gradients, x, y, w1, w2, b), f"{call}(...)").numbers(3)
        upstream = 2 * error
        w1_w2_b = found.tolist()
        right = [upstream * x**2, upstream * x, upstream]
        fail_if(swapped(w1_w2_b, right), D.results_swapped)
        start = w1_w2_b[2]  # the derivative for b is what arrives at the prediction
        fit = isclose(w1_w2_b[0], start * x**2, rel_tol=1e-4) and isclose(w1_w2_b[1], start * x, rel_tol=1e-4)
        for name, actual, factor in zip(("w1", "w2", "b"), w1_w2_b, (x**2, x, 1.0), strict=True):
            mistakes = {
                D.missing_two: error * factor,
                D.wrong_sign: -upstream * factor,
                D.target_forgotten: 2 * (error + y) * factor,
                D.upstream_forgotten: factor,
                D.missing_factor: upstream,
            }
            if name == "w1":
                mistakes[D.differentiated_by_x] = upstream * 2 * x
                fail_if(is_one_of(actual, upstream * x), D.missing_factor)
            if fit:
                mistakes[D.forward_value] = start * factor
            elif is_one_of(start, upstream):
                mistakes[D.wrong_factor] = actual
            expect(actual, gradient_of(name)).close_to(upstream * factor, mistakes=mistakes, rtol=1e-4)


@pytest.mark.points(1)
@pytest.mark.public
def test_layers_forward(attempt: Attempt, rng: Inputs) -> None:
    """Linear, ReLU and MSE compute their results, for many samples and for one.

    zh: 不论样本多少，Linear、ReLU 和 MSE 都能算出前向的结果。
    """
    weight, bias = doubles(rng, OUTPUTS, INPUTS), doubles(rng, OUTPUTS)
    for rows in (N, 1):
        x, target = doubles(rng, rows, INPUTS), doubles(rng, rows, OUTPUTS)
        with explaining({D.weight_not_transposed: MISFIT}):
            y = by_hand(attempt, "Linear", attempt.Linear(weight, bias).forward, x)
        product = x @ weight.T
        expect(y, "Linear.forward(x)").close_to(product + bias, mistakes={D.missing_bias: product})
        y = by_hand(attempt, "ReLU", attempt.ReLU().forward, x)
        bent = which(y, x, x * (x < 0), x * (x > 1), x * (x > -1), x.abs(), (x > 0).double())
        expect(y, "ReLU.forward(x)").close_to(x.relu(), mistakes={D.relu_bend: bent})
        squares = (product - target) ** 2
        loss = by_hand(attempt, "MSE", attempt.MSE().forward, product, target)
        expect(loss, "MSE.forward(pred, target)").close_to(
            squares.mean().item(),
            mistakes={
                D.sum_not_mean: squares.sum().item(),
                D.divided_by_rows: squares.sum().item() / rows,
                D.not_squared: which(loss, *not_squared(product - target)),
                D.target_forgotten: product.square().mean().item(),
            },
        )


@pytest.mark.points(1)
def test_linear_backward(attempt: Attempt, rng: Inputs) -> None:
    """Linear.backward gives the gradients for weight, bias and x, and adds up those of several calls.

    zh: Linear.backward 给出 weight、bias 和 x 的梯度，多次调用时累加。
    """
    weight, bias = doubles(rng, OUTPUTS, INPUTS), doubles(rng, OUTPUTS)
    layer = attempt.Linear(weight, bias)
    weight_total, bias_total = torch.zeros_like(weight), torch.zeros_like(bias)
    for rows in (N, 1):
        x, dy = doubles(rng, rows, INPUTS), doubles(rng, rows, OUTPUTS)
        by_hand(attempt, "Linear", layer.forward, x)
        with explaining(
            {D.bias_not_summed: "match the broadcast shape", D.weight_grad_transposed: "must match the size"}
        ):
            dx = by_hand(attempt, "Linear", layer.backward, dy)
        dw, db = dy.T @ x, dy.sum(dim=0)
        weight_total, bias_total = weight_total + dw, bias_total + db
        expect(attempt.value(layer.weight_grad), "weight_grad").close_to(
            weight_total,
            mistakes={D.gradient_overwritten: dw, D.weight_grad_transposed: dw.T, D.averaged_in_linear: dw / rows},
        )
        expect(attempt.value(layer.bias_grad), "bias_grad").close_to(
            bias_total,
            mistakes={D.gradient_overwritten: db, D.bias_not_summed: dy, D.averaged_in_linear: db / rows},
        )
        expect(dx, gradient_of("x")).close_to(dy @ weight)


@pytest.mark.points(1)
def test_relu_backward(attempt: Attempt, rng: Inputs) -> None:
    """ReLU.backward lets the gradient through where the input was positive, and only there.

    zh: ReLU.backward 只在输入为正的位置让梯度通过。
    """
    relu = attempt.ReLU()
    x, dy = doubles(rng, N, HIDDEN), doubles(rng, N, HIDDEN)
    x[0, 1] = x[3, 2] = 0.0
    by_hand(attempt, "ReLU", relu.forward, x)
    expect(by_hand(attempt, "ReLU", relu.backward, dy), gradient_of("x")).close_to(
        dy * (x > 0),
        mistakes={
            D.relu_at_zero: dy * (x >= 0),
            D.relu_ignored: dy,
            D.relu_mask_from_gradient: dy * (dy > 0),
            D.upstream_forgotten: (x > 0).double(),
        },
    )


@pytest.mark.points(1)
def test_mse_backward(attempt: Attempt, rng: Inputs) -> None:
    """MSE.backward starts the chain with the gradient for the prediction.

    zh: MSE.backward 给出对预测值的梯度，反向传播由此开始。
    """
    mse = attempt.MSE()
    pred, target = doubles(rng, N, OUTPUTS), doubles(rng, N, OUTPUTS)
    by_hand(attempt, "MSE", mse.forward, pred, target)
    error, size = pred - target, pred.numel()
    expect(by_hand(attempt, "MSE", mse.backward), gradient_of("pred")).close_to(
        2 * error / size,
        mistakes={
            D.missing_two: error / size,
            D.wrong_sign: -2 * error / size,
            D.sum_not_mean: 2 * error,
            D.divided_by_rows: 2 * error / N,
        },
    )


@pytest.mark.points(2)
def test_net_backward(attempt: Attempt, rng: Inputs) -> None:
    """TwoLayerNet gives the loss, and then every gradient from the prediction back to x.

    zh: TwoLayerNet 给出损失，以及从预测值一路回到 x 的每个梯度。
    """
    x, y = doubles(rng, N, INPUTS), doubles(rng, N, OUTPUTS)
    w1, w2, b2 = doubles(rng, HIDDEN, INPUTS), doubles(rng, OUTPUTS, HIDDEN), doubles(rng, OUTPUTS)
    b1 = -(x @ w1.T).mean(dim=0)  # so that every hidden unit is on for some samples and off for others
    weights = w1, b1, w2, b2
    net = attempt.TwoLayerNet(*weights)
    loss, wanted = backpropagate(x, y, *weights)
    expect(by_hand(attempt, "TwoLayerNet", net.forward, x, y), LOSS).close_to(loss)
    with explaining({D.wrong_order: MISFIT}):
        found = by_hand(attempt, "TwoLayerNet", net.backward)
    keys = [key for key in wanted if key in found] if isinstance(found, dict) else found
    expect(keys, KEYS).equals(list(wanted))
    for key, gradient in wanted.items():
        others = [wanted[other] for other in wanted if other != key]
        mistakes = {D.relu_ignored: {"z": wanted["h"], "w1": wanted["h"].T @ x}[key]} if key in ("z", "w1") else {}
        mistakes[D.wrong_key] = which(found[key], *others)
        expect(found[key], gradient_of(key)).close_to(gradient, mistakes=mistakes)


@pytest.mark.points(1)
def test_shared_node(attempt: Attempt, rng: Inputs) -> None:
    """shared_node_gradients adds up the gradients of all uses of u and of w.

    zh: shared_node_gradients 把 u 和 w 每次使用的梯度都加起来。
    """
    for low, high in ((2.3, 2.9), (-0.8, -0.6)):
        x, w = rng.number(low, high), rng.number(1.1, 1.9)
        call = "shared_node_gradients"
        found = expect(by_hand(attempt, call, attempt.shared_node_gradients, x, w), f"{call}(x, w)").numbers(3)
        u, v = w * x, w * x + w
        actual_dv, actual_du, actual_dw = found.tolist()
        follows = isclose(actual_dw, actual_du * x + actual_dv, rel_tol=1e-4)  # dw from du and dv
        fail_if(swapped(found.tolist(), [u, u + v, (u + v) * x + u]), D.results_swapped)
        fail_if(is_one_of(actual_dv, v), D.other_factor)
        fit = follows and isclose(actual_du, 2 * actual_dv + w, rel_tol=1e-4)
        fail_if(fit and not is_one_of(actual_dv, u), D.forward_value)
        expect(actual_dv, gradient_of("v")).close_to(u, rtol=1e-4)
        fail_if(is_one_of(actual_du, u, v), D.gradient_overwritten)
        fail_if(follows and not is_one_of(actual_du, u + v), D.slip_in_du)
        expect(actual_du, gradient_of("u")).close_to(u + v, rtol=1e-4)
        fail_if(is_one_of(actual_dw, u, (u + v) * x), D.gradient_overwritten)
        fail_if(is_one_of(actual_dw, u * x + u, v * x + u), D.visited_too_early)
        fail_if(is_one_of(actual_dw, *((u + v) * factor + u for factor in (1, w, 1 / x))), D.wrong_factor)
        expect(actual_dw, gradient_of("w")).close_to((u + v) * x + u, rtol=1e-4)


@pytest.mark.points(1)
def test_train_step(attempt: Attempt, rng: Inputs) -> None:
    """train_step returns the loss, takes the gradient from backward(), and moves the caller's w against it.

    zh: train_step 返回损失，用 backward() 求梯度，并让调用者的 w 沿负梯度方向更新。
    """
    x, before, error, lr = rng.number(1.2, 1.9), rng.number(-2, -1), rng.number(0.6, 1.9), rng.number(0.01, 0.05)
    y = x * before - error
    w = parameter(attempt, before)
    seen = attempt.keep(attempt.library("builtins.list"))
    attempt.may_mutate(w.register_hook, seen.append)  # notes each gradient that autograd finds for w
    said = step(attempt, x, y, w, lr)
    loss = expect(said, LOSS).number()
    gradient = 2 * x * error
    after = before - lr * gradient
    wrong = {
        D.loss_after_update: (x * after - y) ** 2,
        D.not_squared: which(loss, *not_squared(torch.tensor(error, dtype=torch.float64))),
        D.target_forgotten: (x * before) ** 2,
    }
    expect(loss, LOSS).close_to(error**2, mistakes=wrong, rtol=1e-5)
    fail_if(len(seen) == 0, D.no_backward, Verdict.FORBIDDEN_OP)
    fail_if(isinstance(said, torch.Tensor) and said.requires_grad, D.graph_kept)
    now = attempt.value(w)
    if expect(now, WEIGHT).is_tensor().tolist() == [before]:
        fail_if(rebinds(attempt.source), D.rebound_parameter)
        left = attempt.value(w.grad)
        fail_if(left is None or not bool(expect(left, "w.grad").is_tensor().any()), D.zeroed_before_update)
    wanted = torch.tensor([after], dtype=torch.float64)
    moves = (lr, gradient, lr / gradient, y * gradient, x * gradient)
    wrong = {
        D.step_uphill: wanted + 2 * lr * gradient,
        D.step_size: which(now, *(torch.tensor([before - move], dtype=torch.float64) for move in moves)),
    }
    expect(now, WEIGHT).close_to(wanted, mistakes=wrong, rtol=1e-5)


@pytest.mark.points(1)
def test_train_three_steps(attempt: Attempt, rng: Inputs) -> None:
    """Each step of train_step uses the gradient of its own loss alone.

    zh: train_step 的每一步只用自己这次损失的梯度。
    """
    w = parameter(attempt, start := rng.number(-2, -1))
    right = kept = torch.tensor([start], dtype=torch.float64)
    total = torch.zeros(1, dtype=torch.float64)
    for lr in (0.03, 0.01, 0.02):
        x, y = rng.number(1.2, 1.9), rng.number(1.0, 3.0)
        step(attempt, x, y, w, lr)
        right = right - lr * 2 * x * (x * right - y)
        total = total + 2 * x * (x * kept - y)
        kept = kept - lr * total  # where w would be, had its gradient never been zeroed
        expect(attempt.value(w), WEIGHT).close_to(right, mistakes={D.not_zeroed: kept}, rtol=1e-5)
