"""The hidden checks of exercise 03.

Gradients are looked at in the order in which backpropagation finds them, so that the first wrong one is named.  The
parts by hand are watched for autograd twice: in the syntax tree, and in what torch is asked to do while they run.
N is the number of samples, I, H and O the sizes of the layers.
"""

import ast
import contextlib
from functools import partial
from math import isclose

import torch
from torch.nn import functional as F

from dlex.kit import DIFFERENTIATION, CheckFailure, Text, Verdict, check, diagnoses, expect, explaining, fail_if

D = diagnoses(__file__)

DOUBLE = torch.float64
AUTOGRAD_WORDS = {"autograd", "forward_ad", "requires_grad", "requires_grad_", "jvp", "vjp", "jacrev", "jacfwd"}
LOSS = Text(en="the loss", zh="损失")
WEIGHT = Text(en="w after the step", zh="更新后的 w")


def gradient_of(name):
    """What a sentence calls the gradient of the loss with respect to `name`."""
    return Text(en=f"the gradient for {name}", zh=f"{name} 的梯度")


# ---- by hand


def vocabulary(source, name):
    """Every name, attribute and keyword in the definition `name`, and in those of the module that it uses."""
    found, todo = set(), [name]
    while todo:
        root = source.find(todo.pop())
        nodes = list(ast.walk(root)) if root is not None else []
        words = {n.id for n in nodes if isinstance(n, ast.Name)}
        words |= {n.attr for n in nodes if isinstance(n, ast.Attribute)}
        words |= {n.arg for n in nodes if isinstance(n, ast.keyword) and n.arg and ast.unparse(n.value) != "False"}
        todo += words - found
        found |= words
    return found


def by_hand(attempt, name, function, *args):
    """Call `function`, which belongs to the definition `name`; fails if autograd has a hand in it."""
    fail_if(bool(vocabulary(attempt.source, name) & AUTOGRAD_WORDS), D.autograd_used, Verdict.FORBIDDEN_OP)
    seen = attempt.observe(function, *args)
    fail_if(DIFFERENTIATION.found_in(seen.ops), D.autograd_used, Verdict.FORBIDDEN_OP)
    return seen.value


def near(actual, *wanted):
    """Whether a number is one of these."""
    return any(isclose(actual, value, rel_tol=1e-4) for value in wanted)


def swapped(actual, right):
    """Whether the right numbers came in another order."""
    in_order, in_any = (all(map(near, *pair)) for pair in ((actual, right), (sorted(actual), sorted(right))))
    return in_any and not in_order


# ---- quadratic_gradients: the factor of each parameter, times the gradient that arrives at the prediction


@check(1, public=True)
def test_quadratic_gradients(attempt, rng):
    """quadratic_gradients gives dw1, dw2 and db of the squared error.

    zh: quadratic_gradients 给出平方误差对 w1、w2、b 的梯度。
    """
    for low, high, sign in ((2.3, 2.9, 1), (-1.8, -1.2, -1)):
        x, error = rng.number(low, high), sign * rng.number(0.6, 1.9)
        w1, w2, b = rng.normal(3, dtype=DOUBLE).tolist()
        y = w1 * x**2 + w2 * x + b - error
        name = "quadratic_gradients"
        found = by_hand(attempt, name, attempt.quadratic_gradients, x, y, w1, w2, b)
        dw1, dw2, db = numbers = expect(found, f"{name}(...)").numbers(3).tolist()
        upstream = 2 * error
        fail_if(swapped(numbers, [upstream * x**2, upstream * x, upstream]), D.results_swapped)
        fit = near(dw1, db * x**2) and near(dw2, db * x)  # db is what arrives at the prediction
        otherwise = D.forward_value if fit else D.wrong_factor if near(db, upstream) else None
        factors = {"w1": x**2, "w2": x, "b": 1.0}
        for (name, factor), actual in zip(factors.items(), found, strict=True):
            slips = {
                D.missing_two: error * factor,
                D.wrong_sign: -upstream * factor,
                D.target_forgotten: 2 * (error + y) * factor,
                D.upstream_forgotten: factor,
                D.missing_factor: [upstream, upstream * x] if name == "w1" else upstream,
                D.differentiated_by_x: upstream * 2 * x if name == "w1" else [],
            }
            gradient = expect(actual, gradient_of(name))
            gradient.like(upstream * factor, slips=slips, otherwise=otherwise, rtol=1e-4)


# ---- the layers


def linear(x, weight, bias):
    """The formula of the lecture."""
    return x @ weight.T + bias


def mse(pred, target, of=torch.square):
    """The mean over all elements; `of` makes wrong variants."""
    return of(pred - target).mean().item()


NOT_SQUARES = (torch.clone, torch.abs, lambda e: 2 * e, lambda e: 2**e, lambda e: e**3, lambda e: e**4, torch.ones_like)
MSE_SLIPS = {
    D.sum_not_mean: lambda pred, target: (pred - target).square().sum().item(),
    D.divided_by_rows: lambda pred, target: (pred - target).square().sum().item() / len(pred),
    D.not_squared: [partial(mse, of=of) for of in NOT_SQUARES],
    D.target_forgotten: lambda pred, target: pred.square().mean().item(),
}
BENT = [lambda x: x * (x < 0), lambda x: x * (x > 1), lambda x: x * (x > -1), lambda x: (x > 0).to(x.dtype)]
RELU_SLIPS = {D.relu_bend: [torch.clone, torch.abs, *BENT]}


def around_the_bend(rng, N, C):
    """Inputs of ReLU (N, C) on both sides of -1, 0 and 1, and gradients of either sign wherever one looks."""
    count = N * C
    order = rng.permutation(count)
    x = torch.linspace(-2, 2, count, dtype=DOUBLE).round(decimals=1) + rng.uniform(
        count, low=0.01, high=0.08, dtype=DOUBLE
    )
    dy = rng.uniform(count, low=0.5, high=1.5, dtype=DOUBLE) * (-1) ** torch.arange(count)
    return x[order].reshape(N, C), dy[order].reshape(N, C)


@check(1, public=True)
def test_layers_forward(attempt, rng):
    """Linear, ReLU and MSE compute their results, for many samples and for one.

    zh: 不论样本多少，Linear、ReLU 和 MSE 都能算出前向的结果。
    """
    for N, I, O in rng.all_sizes("NIO", ones="NI"):
        x, weight, bias = (rng.normal(*shape, dtype=DOUBLE) for shape in ((N, I), (O, I), (O,)))
        with explaining({D.weight_not_transposed: rf"\({N}x{I} and {O}x{I}\)"}):
            y = by_hand(attempt, "Linear", attempt.Linear(weight, bias).forward, x)
        expect(y, "Linear.forward(x)").like(linear, x, weight, bias, slips={D.missing_bias: x @ weight.T})
        z, _ = around_the_bend(rng, N, O)
        y = by_hand(attempt, "ReLU", attempt.ReLU().forward, z)
        expect(y, "ReLU.forward(x)").like(torch.relu, z, slips=RELU_SLIPS)
        pred, target = rng.normal(2, N, O, dtype=DOUBLE)
        loss = by_hand(attempt, "MSE", attempt.MSE().forward, pred, target)
        expect(loss, "MSE.forward(pred, target)").like(mse, pred, target, slips=MSE_SLIPS)


def check_linear(attempt, rng, N, I, O):
    """Pass if a layer of one's own is right in two calls of backward, the second with a single sample."""
    weight, bias = rng.normal(O, I, dtype=DOUBLE), rng.normal(O, dtype=DOUBLE)
    layer, totals = attempt.Linear(weight, bias), (torch.zeros_like(weight), torch.zeros_like(bias))
    for n in (N, 1):
        x, dy = rng.normal(n, I, dtype=DOUBLE), rng.normal(n, O, dtype=DOUBLE)
        by_hand(attempt, "Linear", layer.forward, x)
        misfits = {
            D.bias_not_summed: rf"shape \[{O}\] doesn't match the broadcast shape \[{n}, {O}\]",
            D.weight_grad_transposed: rf"tensor a \({I}\) must match the size of tensor b \({O}\)",
        }
        with explaining(misfits):
            dx = by_hand(attempt, "Linear", layer.backward, dy)
        dw, db = dy.T @ x, dy.sum(dim=0)
        totals = totals[0] + dw, totals[1] + db
        for name, total, now, other in (
            ("weight_grad", totals[0], dw, {D.weight_grad_transposed: dw.T}),
            ("bias_grad", totals[1], db, {D.bias_not_summed: dy}),
        ):
            slips = {D.gradient_overwritten: now, D.averaged_in_linear: now / n if n > 1 else [], **other}
            expect(attempt.value(getattr(layer, name)), name).like(total, slips=slips)
        expect(dx, gradient_of("x")).close_to(dy @ weight)


@check(1)
def test_linear_backward(attempt, rng):
    """Linear.backward gives the gradients for weight, bias and x, and adds up those of several calls.

    zh: Linear.backward 给出 weight、bias 和 x 的梯度，多次调用时累加。
    """
    for sizes in rng.all_sizes("NIO", ones="IO"):
        check_linear(attempt, rng, *sizes)


@check(1)
def test_relu_backward(attempt, rng):
    """ReLU.backward lets the gradient through where the input was positive, and only there.

    zh: ReLU.backward 只在输入为正的位置让梯度通过。
    """
    slips = {
        D.relu_at_zero: lambda x, dy: dy * (x >= 0),
        D.relu_ignored: lambda x, dy: dy,
        D.relu_mask_from_gradient: lambda x, dy: dy * (dy > 0),
        D.upstream_forgotten: lambda x, dy: (x > 0).to(dy.dtype),
    }
    for N, C in rng.all_sizes("NC"):
        x, dy = around_the_bend(rng, N, C)
        x[x.abs() == x.abs().min()] = 0.0
        relu = attempt.ReLU()
        by_hand(attempt, "ReLU", relu.forward, x)
        found = by_hand(attempt, "ReLU", relu.backward, dy)
        expect(found, gradient_of("x")).like(lambda x, dy: dy * (x > 0), x, dy, slips=slips)


@check(1)
def test_mse_backward(attempt, rng):
    """MSE.backward starts the chain with the gradient for the prediction.

    zh: MSE.backward 给出对预测值的梯度，反向传播由此开始。
    """
    slips = {
        D.missing_two: lambda error: error / error.numel(),
        D.wrong_sign: lambda error: -2 * error / error.numel(),
        D.sum_not_mean: lambda error: 2 * error,
        D.divided_by_rows: lambda error: 2 * error / len(error),
    }
    for N, C in rng.all_sizes("NC"):
        pred, target = rng.normal(2, N, C, dtype=DOUBLE)
        loss = attempt.MSE()
        by_hand(attempt, "MSE", loss.forward, pred, target)
        found = by_hand(attempt, "MSE", loss.backward)
        expect(found, gradient_of("pred")).like(lambda e: 2 * e / e.numel(), pred - target, slips=slips)


# ---- TwoLayerNet

NET = {"x": "N I", "y": "N O", "w1": "H I", "b1": "H", "w2": "O H", "b2": "O"}


def backpropagate(x, y, w1, b1, w2, b2):
    """The loss of the two-layer net, and every gradient by autograd, in the order in which they are found."""
    x, w1, b1, w2, b2 = (t.clone().requires_grad_() for t in (x, w1, b1, w2, b2))
    z = linear(x, w1, b1)
    h = z.relu()
    pred = linear(h, w2, b2)
    loss = F.mse_loss(pred, y)
    values = {"pred": pred, "w2": w2, "b2": b2, "h": h, "z": z, "w1": w1, "b1": b1, "x": x}
    return loss.item(), dict(zip(values, torch.autograd.grad(loss, list(values.values())), strict=True))


def is_right(part, *args):
    """Whether a check of a part passes."""
    with contextlib.suppress(CheckFailure):
        part(*args)
        return True
    return False


def run_net(attempt, x, y, w1, b1, w2, b2):
    """The loss, and what TwoLayerNet.backward gives."""
    net = attempt.TwoLayerNet(w1, b1, w2, b2)
    return by_hand(attempt, "TwoLayerNet", net.forward, x, y), by_hand(attempt, "TwoLayerNet", net.backward)


def net_results(attempt, rng, given):
    """As `run_net`; that a gradient does not fit into a layer is the net's fault only if the layer is right."""
    try:
        return run_net(attempt, **given)
    except CheckFailure:
        misfit = "RuntimeError: .*(cannot be multiplied|must match)"
        with explaining({D.wrong_order: misfit} if is_right(check_linear, attempt, rng, 4, 3, 2) else {}):
            return run_net(attempt, **given)


@check(2)
def test_net_backward(attempt, rng):
    """TwoLayerNet gives the loss, and then every gradient from the prediction back to x.

    zh: TwoLayerNet 给出损失，以及从预测值一路回到 x 的每个梯度。
    """
    for given in rng.all_named(NET, dtype=DOUBLE, ones="NO" + "IH"[rng.integer(0, 2)]):
        x, w1 = given["x"], given["w1"]
        given["b1"] = 0.1 - (x @ w1.T).mean(dim=0)  # so that hidden units are on for some samples, off for others
        loss, wanted = backpropagate(**given)
        found_loss, found = net_results(attempt, rng, given)
        expect(found_loss, LOSS).close_to(loss)
        keys = [key for key in wanted if key in found] if isinstance(found, dict) else found
        what = Text(en="the list of keys that TwoLayerNet.backward gave", zh="TwoLayerNet.backward 给出的键")
        expect(keys, what).equals(list(wanted))
        through = {"z": wanted["h"], "w1": wanted["h"].T @ x, "b1": wanted["h"].sum(dim=0)}
        for key, gradient in wanted.items():
            others = [value for other, value in wanted.items() if other != key and (key, other) != ("z", "h")]
            slips = {D.relu_ignored: through.get(key, []), D.wrong_key: others}
            expect(found[key], gradient_of(key)).like(gradient, slips=slips)


# ---- shared_node_gradients


@check(1)
def test_shared_node(attempt, rng):
    """shared_node_gradients adds up the gradients of all uses of u and of w.

    zh: shared_node_gradients 把 u 和 w 每次使用的梯度都加起来。
    """
    for low, high in ((2.3, 2.9), (-0.8, -0.6)):
        x, w = rng.number(low, high), rng.number(1.1, 1.9)
        name = "shared_node_gradients"
        found = by_hand(attempt, name, attempt.shared_node_gradients, x, w)
        dv, du, dw = numbers = expect(found, f"{name}(x, w)").numbers(3).tolist()
        u, v = w * x, w * x + w
        fail_if(swapped(numbers, [u, u + v, (u + v) * x + u]), D.results_swapped)
        fits = near(dw, du * x + dv)  # dw follows from du and dv
        start = D.forward_value if fits and near(du, 2 * dv + w) else None
        expect(found[0], gradient_of("v")).like(u, slips={D.other_factor: v}, otherwise=start, rtol=1e-4)
        slips, other = {D.gradient_overwritten: [u, v]}, D.slip_in_du if fits else None
        expect(found[1], gradient_of("u")).like(u + v, slips=slips, otherwise=other, rtol=1e-4)
        slips = {
            D.gradient_overwritten: [u, (u + v) * x],
            D.visited_too_early: [u * x + u, v * x + u],
            D.wrong_factor: [(u + v) * factor + u for factor in (1, w, 1 / x)],
        }
        expect(found[2], gradient_of("w")).like((u + v) * x + u, slips=slips, rtol=1e-4)


# ---- train_step


def rebinds(source):
    """Whether train_step assigns to its parameter w."""
    function = source.find("train_step")
    if not isinstance(function, ast.FunctionDef) or len(function.args.args) < 3:
        return False
    targets = [t for n in ast.walk(function) if isinstance(n, ast.Assign) for t in n.targets]
    return any(isinstance(t, ast.Name) and t.id == function.args.args[2].arg for t in targets)


def step(attempt, x, y, w, lr):
    """One call of train_step, which may change w."""
    none = D.rebound_parameter if rebinds(attempt.source) else D.zeroed_none
    none_used = r"(AttributeError|TypeError): .*NoneType"
    with explaining({D.leaf_in_place: "leaf Variable that requires grad", none: none_used}):
        return attempt.may_mutate(attempt.train_step, x, y, w, lr)


def parameter(attempt, value):
    """A tensor (1,) that requires grad, in the attempt process, where it keeps its gradient from call to call."""
    return attempt.keep(attempt.library("torch.tensor"), [value], dtype=DOUBLE, requires_grad=True)


@check(1)
def test_train_step(attempt, rng):
    """train_step returns the loss, takes the gradient from backward(), and moves the caller's w against it.

    zh: train_step 返回损失，用 backward() 求梯度，并让调用者的 w 沿负梯度方向更新。
    """
    x, before, error, lr = rng.number(1.2, 1.9), rng.number(-2, -1), rng.number(0.6, 1.9), rng.number(0.01, 0.05)
    y = x * before - error
    w = parameter(attempt, before)
    seen = attempt.keep(attempt.library("builtins.list"))
    attempt.may_mutate(w.register_hook, seen.append)  # notes each gradient that autograd finds for w
    said = step(attempt, x, y, w, lr)
    gradient = 2 * x * error
    after = before - lr * gradient
    slips = {
        D.loss_after_update: (x * after - y) ** 2,
        D.not_squared: [of(torch.tensor(error, dtype=DOUBLE)).item() for of in NOT_SQUARES],
        D.target_forgotten: (x * before) ** 2,
    }
    loss = expect(said, LOSS).number()  # of a tensor (1,), too
    expect(said if isinstance(said, float) else loss, LOSS).like(error**2, slips=slips, rtol=1e-5)
    fail_if(attempt.value(seen) == [], D.no_backward, Verdict.FORBIDDEN_OP)
    fail_if(isinstance(said, torch.Tensor) and said.requires_grad, D.graph_kept)
    now = attempt.value(w)
    if expect(now, WEIGHT).is_tensor().tolist() == [before]:
        fail_if(rebinds(attempt.source), D.rebound_parameter)
        left = attempt.value(w.grad)
        fail_if(left is None or not bool(expect(left, "w.grad").is_tensor().any()), D.zeroed_before_update)
    wanted = torch.tensor([after], dtype=DOUBLE)
    moves = (lr, gradient, lr / gradient, y * gradient, x * gradient)
    slips = {
        D.step_uphill: wanted + 2 * lr * gradient,
        D.step_size: [torch.tensor([before - move], dtype=DOUBLE) for move in moves],
    }
    expect(now, WEIGHT).like(wanted, slips=slips, rtol=1e-5)


@check(1)
def test_train_three_steps(attempt, rng):
    """Each step of train_step uses the gradient of its own loss alone.

    zh: train_step 的每一步只用自己这次损失的梯度。
    """
    w = parameter(attempt, start := rng.number(-2, -1))
    right = kept = torch.tensor([start], dtype=DOUBLE)
    total = torch.zeros(1, dtype=DOUBLE)
    for _ in range(3):
        x, y, lr = rng.number(1.2, 1.9), rng.number(1.0, 3.0), rng.number(0.01, 0.03)
        step(attempt, x, y, w, lr)
        right = right - lr * 2 * x * (x * right - y)
        total = total + 2 * x * (x * kept - y)
        kept = kept - lr * total  # where w would be, had its gradient never been zeroed
        expect(attempt.value(w), WEIGHT).like(right, slips={D.not_zeroed: kept}, rtol=1e-5)
