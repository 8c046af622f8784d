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

from dlex.kit import Attempt, Diagnosis, Inputs, Remote, Source, Text, Verdict, expect, explaining, fail_if
from dlex.kit.families import DIFFERENTIATION

N, INPUTS, HIDDEN, OUTPUTS = 5, 3, 4, 2
PREDICTION = Text(en="the prediction", zh="预测值")
LOSS = Text(en="the loss", zh="损失")
KEYS = Text(en="the list of keys that TwoLayerNet.backward gave", zh="TwoLayerNet.backward 给出的键")
WEIGHT = Text(en="w after the step", zh="更新后的 w")

AUTOGRAD_USED = Diagnosis(
    "autograd_used",
    en="Autograd works this out; here you do it by hand, without requires_grad and without a tensor's backward().",
    zh="这里的梯度是 autograd 算出来的；这一部分要手算，不需要 requires_grad，也不调用张量的 .backward()。",
)
MISSING_TWO = Diagnosis(
    "missing_two",
    en="The factor 2 is missing: the derivative of e² is 2e, and this loss has no 1/2 to cancel it.",
    zh="少了因子 2：e² 的导数是 2e，这里的损失没有 1/2 可以与它抵消。",
)
WRONG_SIGN = Diagnosis(
    "wrong_sign",
    en="The sign is wrong: differentiate by the prediction, which has a plus in (prediction - target)².",
    zh="梯度的符号反了：要对预测值求导，它在 (预测值 - 目标值)² 里前面是正号。",
)
TARGET_FORGOTTEN = Diagnosis(
    "target_forgotten",
    en="The target is missing: the square is of the error ŷ - y, not of the prediction ŷ alone.",
    zh="漏了目标值 y：平方的是误差 ŷ - y，而不只是预测值 ŷ。",
)
NOT_SQUARED = Diagnosis(
    "not_squared",
    en="The error is not squared: the loss is (prediction - target)², taken for each error by itself.",
    zh="误差没有平方：损失是 (预测值 - 目标值)²，每个误差各自平方。",
)
MISSING_FACTOR = Diagnosis(
    "missing_factor",
    en="The chain is one factor short: 2(ŷ - y) still has to be multiplied by what the parameter is multiplied by.",
    zh="链式法则少乘了一环：2(ŷ - y) 还要乘上与该参数相乘的那个量。",
)
WRONG_FACTOR = Diagnosis(
    "wrong_factor",
    en="The gradient that arrives is right, but its factor is not: take what stands beside the variable in forward.",
    zh="传到这里的梯度是对的，但乘错了量：应乘上前向计算中与该变量相乘的那个量。",
)
FORWARD_VALUE = Diagnosis(
    "forward_value",
    en="The gradients fit together, but start from a wrong number: check the forward values and the first derivative.",
    zh="这几个梯度彼此吻合，但起点错了：请逐项检查前向计算的值，再看第一步的导数。",
)
RESULTS_SWAPPED = Diagnosis(
    "results_swapped",
    en="The three numbers are right, but they come back in another order than the docstring says.",
    zh="三个数都对，但返回的顺序与文档字符串不一致。",
)
UPSTREAM_FORGOTTEN = Diagnosis(
    "upstream_forgotten",
    en="This is only the local derivative; multiply it by the gradient that comes from the loss.",
    zh="这只是局部导数；还要乘上从损失传回来的梯度。",
)
DIFFERENTIATED_BY_X = Diagnosis(
    "differentiated_by_x",
    en="You differentiate by x (x² became 2x); the unknown is w1, and x² is just the number that it is multiplied by.",
    zh="你对 x 求了导（x² 变成了 2x）；未知量是 w1，x² 只是与它相乘的一个数。",
)
WEIGHT_NOT_TRANSPOSED = Diagnosis(
    "weight_not_transposed",
    en="x is (N, in) and weight is (out, in): the product fits only with the transposed weight.",
    zh="x 的形状是 (N, in)，weight 是 (out, in)：要用转置后的 weight 才能相乘。",
)
MISSING_BIAS = Diagnosis(
    "missing_bias",
    en="The bias is not added in the forward pass.",
    zh="前向传播里没有加上偏置。",
)
WEIGHT_GRAD_TRANSPOSED = Diagnosis(
    "weight_grad_transposed",
    en="weight_grad is transposed: like weight it is (out, in), so out (from dy) comes first and in (from x) second.",
    zh="weight_grad 转置了：它与 weight 同为 (out, in)，先是 out（来自 dy），后是 in（来自 x）。",
)
BIAS_NOT_SUMMED = Diagnosis(
    "bias_not_summed",
    en="bias_grad still has a row for each sample: one bias served all N samples, so their gradients are added up.",
    zh="bias_grad 还是每个样本一行：同一个偏置用在了全部 N 个样本上，要把它们的梯度加起来。",
)
AVERAGED_IN_LINEAR = Diagnosis(
    "averaged_in_linear",
    en="Linear divides by N, but the mean belongs to the loss: its 1/N is in dy already, and would count twice.",
    zh="Linear 里又除以了 N，而求平均是损失函数的事：dy 中已经有 1/N，这样会除两次。",
)
GRADIENT_OVERWRITTEN = Diagnosis(
    "gradient_overwritten",
    en="Only one of two uses is counted: each use sends back a gradient, and they are added (+=), not replaced (=).",
    zh="两次使用只算了一次：被用两次的量，每次使用都传回一份梯度，应当累加（+=），而不是覆盖（=）。",
)
RELU_IGNORED = Diagnosis(
    "relu_ignored",
    en="The gradient passes ReLU unchanged: where the input was negative, ReLU is constant and nothing comes back.",
    zh="梯度原样穿过了 ReLU：输入为负的地方 ReLU 是常数，那里的梯度应为 0。",
)
RELU_BEND = Diagnosis(
    "relu_bend",
    en="ReLU has its bend at 0: positive values stay as they are, and all others become 0.",
    zh="ReLU 的转折点在 0：正数保持不变，其余的都变成 0。",
)
RELU_MASK_FROM_GRADIENT = Diagnosis(
    "relu_mask_from_gradient",
    en="You keep the places where dy is positive; what counts is where the input x of the forward pass was.",
    zh="你保留的是 dy 为正的位置；应当看前向传播时输入 x 为正的位置。",
)
RELU_AT_ZERO = Diagnosis(
    "relu_at_zero",
    en="At x = 0 the gradient goes through; by the convention here (and in torch) the slope there is 0.",
    zh="x = 0 处的梯度通过了；按这里（也是 torch）的约定，该处的斜率是 0。",
)
SUM_NOT_MEAN = Diagnosis(
    "sum_not_mean",
    en="This is for the sum of the squares; the loss is their mean over all N * C elements.",
    zh="这对应平方和；损失是对全部 N * C 个元素取平均。",
)
DIVIDED_BY_ROWS = Diagnosis(
    "divided_by_rows",
    en="You divide by the number of rows N; the mean is over all elements, N * C of them.",
    zh="你除的是行数 N；平均是对全部元素取的，共 N * C 个。",
)
WRONG_ORDER = Diagnosis(
    "wrong_order",
    en="A gradient reached a layer that it does not fit: backward visits the layers in the reverse of forward's order.",
    zh="传给某一层的梯度与它的形状不符：反向传播经过各层的顺序与前向传播正好相反。",
)
WRONG_KEY = Diagnosis(
    "wrong_key",
    en="Under this key lies the gradient of another value; a gradient has the shape of what it belongs to.",
    zh="这个键下放的是另一个量的梯度；梯度的形状应与它所属的量相同。",
)
VISITED_TOO_EARLY = Diagnosis(
    "visited_too_early",
    en="du went on to w before it was complete: u is used twice, so wait for both parts of du.",
    zh="du 还没算全就传给了 w：u 被用了两次，要等 du 的两部分都到齐。",
)
OTHER_FACTOR = Diagnosis(
    "other_factor",
    en="In a product u * v the derivative by one factor is the other factor: for v it is u.",
    zh="在乘积 u * v 中，对一个因子求导得到的是另一个因子：对 v 求导得到 u。",
)
SLIP_IN_DU = Diagnosis(
    "slip_in_du",
    en="dv is right and dw fits your du, so look at du: v, from loss = u * v, plus dv, from v = u + w.",
    zh="dv 是对的，dw 也与你的 du 吻合，问题在 du：来自 loss = u * v 的 v，加上来自 v = u + w 的 dv。",
)
LOSS_AFTER_UPDATE = Diagnosis(
    "loss_after_update",
    en="This is the loss after the update; the loss that gave the gradient, before the update, is asked for.",
    zh="这是更新之后的损失；要返回的是更新之前、用来求梯度的那个损失。",
)
NO_BACKWARD = Diagnosis(
    "no_backward",
    en="No gradient of w came from autograd: here build the loss out of the tensor w and call backward() on it.",
    zh="autograd 没有算过 w 的梯度：这里要用张量 w 构造损失，再对它调用 backward()。",
)
STEP_UPHILL = Diagnosis(
    "step_uphill",
    en="w moved along the gradient, which leads uphill; the loss falls in the opposite direction.",
    zh="w 沿着梯度方向走，损失会变大；下降的方向与梯度相反。",
)
STEP_SIZE = Diagnosis(
    "step_size",
    en="w does not move by lr * gradient: a step takes both, the one times the other.",
    zh="w 移动的量不是 lr * 梯度：两者缺一不可，应当相乘。",
)
GRAPH_KEPT = Diagnosis(
    "graph_kept",
    en="The loss comes back as a tensor with its graph, which then stays in memory: take the number, .item().",
    zh="返回的损失是带计算图的张量，只要还留着它，计算图就留在内存里：应当用 .item() 取出数值。",
)
REBOUND_PARAMETER = Diagnosis(
    "rebound_parameter",
    en="`w = ...` only gives the name w to a new tensor, which has no .grad; the caller's w stays as it was.",
    zh="`w = ...` 只是让名字 w 指向一个没有 .grad 的新张量；调用者的 w 没有变。",
)
LEAF_IN_PLACE = Diagnosis(
    "leaf_in_place",
    en="The update itself would become part of the graph; it must happen outside, under torch.no_grad() or on w.data.",
    zh="更新操作本身会被记入计算图；应当放在图外：用 torch.no_grad() 或 w.data。",
)
ZEROED_BEFORE_UPDATE = Diagnosis(
    "zeroed_before_update",
    en="w did not move: its gradient was zeroed between backward() and the update.",
    zh="w 没有动：梯度在 backward() 与更新之间被清零了。",
)
ZEROED_NONE = Diagnosis(
    "zeroed_none",
    en="Before the first backward() there is nothing to zero: w.grad is None.",
    zh="第一次 backward() 之前没有梯度可清零：w.grad 是 None。",
)
NOT_ZEROED = Diagnosis(
    "not_zeroed",
    en="The first step is right, the next is not: backward() adds to w.grad, and what it held before was not zeroed.",
    zh="第一步是对的，之后就错了：backward() 会累加到 w.grad 上，而上一步的梯度没有清零。",
)

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
    fail_if(bool(vocabulary(attempt.source, name) & AUTOGRAD_WORDS), AUTOGRAD_USED, Verdict.FORBIDDEN_OP)
    seen = attempt.observe(function, *args)
    fail_if(DIFFERENTIATION.found_in(seen.ops), AUTOGRAD_USED, Verdict.FORBIDDEN_OP)
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
    none = REBOUND_PARAMETER if rebinds(attempt.source) else ZEROED_NONE
    with explaining({LEAF_IN_PLACE: "leaf Variable that requires grad", none: NONE}):
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
        fail_if(swapped(w1_w2_b, right), RESULTS_SWAPPED)
        start = w1_w2_b[2]  # the derivative for b is what arrives at the prediction
        fit = isclose(w1_w2_b[0], start * x**2, rel_tol=1e-4) and isclose(w1_w2_b[1], start * x, rel_tol=1e-4)
        for name, actual, factor in zip(("w1", "w2", "b"), w1_w2_b, (x**2, x, 1.0), strict=True):
            mistakes = {
                MISSING_TWO: error * factor,
                WRONG_SIGN: -upstream * factor,
                TARGET_FORGOTTEN: 2 * (error + y) * factor,
                UPSTREAM_FORGOTTEN: factor,
                MISSING_FACTOR: upstream,
            }
            if name == "w1":
                mistakes[DIFFERENTIATED_BY_X] = upstream * 2 * x
                fail_if(is_one_of(actual, upstream * x), MISSING_FACTOR)
            if fit:
                mistakes[FORWARD_VALUE] = start * factor
            elif is_one_of(start, upstream):
                mistakes[WRONG_FACTOR] = actual
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
        with explaining({WEIGHT_NOT_TRANSPOSED: MISFIT}):
            y = by_hand(attempt, "Linear", attempt.Linear(weight, bias).forward, x)
        product = x @ weight.T
        expect(y, "Linear.forward(x)").close_to(product + bias, mistakes={MISSING_BIAS: product})
        y = by_hand(attempt, "ReLU", attempt.ReLU().forward, x)
        bent = which(y, x, x * (x < 0), x * (x > 1), x * (x > -1), x.abs(), (x > 0).double())
        expect(y, "ReLU.forward(x)").close_to(x.relu(), mistakes={RELU_BEND: bent})
        squares = (product - target) ** 2
        loss = by_hand(attempt, "MSE", attempt.MSE().forward, product, target)
        expect(loss, "MSE.forward(pred, target)").close_to(
            squares.mean().item(),
            mistakes={
                SUM_NOT_MEAN: squares.sum().item(),
                DIVIDED_BY_ROWS: squares.sum().item() / rows,
                NOT_SQUARED: which(loss, *not_squared(product - target)),
                TARGET_FORGOTTEN: product.square().mean().item(),
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
        with explaining({BIAS_NOT_SUMMED: "match the broadcast shape", WEIGHT_GRAD_TRANSPOSED: "must match the size"}):
            dx = by_hand(attempt, "Linear", layer.backward, dy)
        dw, db = dy.T @ x, dy.sum(dim=0)
        weight_total, bias_total = weight_total + dw, bias_total + db
        expect(attempt.value(layer.weight_grad), "weight_grad").close_to(
            weight_total,
            mistakes={GRADIENT_OVERWRITTEN: dw, WEIGHT_GRAD_TRANSPOSED: dw.T, AVERAGED_IN_LINEAR: dw / rows},
        )
        expect(attempt.value(layer.bias_grad), "bias_grad").close_to(
            bias_total,
            mistakes={GRADIENT_OVERWRITTEN: db, BIAS_NOT_SUMMED: dy, AVERAGED_IN_LINEAR: db / rows},
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
            RELU_AT_ZERO: dy * (x >= 0),
            RELU_IGNORED: dy,
            RELU_MASK_FROM_GRADIENT: dy * (dy > 0),
            UPSTREAM_FORGOTTEN: (x > 0).double(),
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
            MISSING_TWO: error / size,
            WRONG_SIGN: -2 * error / size,
            SUM_NOT_MEAN: 2 * error,
            DIVIDED_BY_ROWS: 2 * error / N,
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
    with explaining({WRONG_ORDER: MISFIT}):
        found = by_hand(attempt, "TwoLayerNet", net.backward)
    keys = [key for key in wanted if key in found] if isinstance(found, dict) else found
    expect(keys, KEYS).equals(list(wanted))
    for key, gradient in wanted.items():
        others = [wanted[other] for other in wanted if other != key]
        mistakes = {RELU_IGNORED: {"z": wanted["h"], "w1": wanted["h"].T @ x}[key]} if key in ("z", "w1") else {}
        mistakes[WRONG_KEY] = which(found[key], *others)
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
        fail_if(swapped(found.tolist(), [u, u + v, (u + v) * x + u]), RESULTS_SWAPPED)
        fail_if(is_one_of(actual_dv, v), OTHER_FACTOR)
        fit = follows and isclose(actual_du, 2 * actual_dv + w, rel_tol=1e-4)
        fail_if(fit and not is_one_of(actual_dv, u), FORWARD_VALUE)
        expect(actual_dv, gradient_of("v")).close_to(u, rtol=1e-4)
        fail_if(is_one_of(actual_du, u, v), GRADIENT_OVERWRITTEN)
        fail_if(follows and not is_one_of(actual_du, u + v), SLIP_IN_DU)
        expect(actual_du, gradient_of("u")).close_to(u + v, rtol=1e-4)
        fail_if(is_one_of(actual_dw, u, (u + v) * x), GRADIENT_OVERWRITTEN)
        fail_if(is_one_of(actual_dw, u * x + u, v * x + u), VISITED_TOO_EARLY)
        fail_if(is_one_of(actual_dw, *((u + v) * factor + u for factor in (1, w, 1 / x))), WRONG_FACTOR)
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
        LOSS_AFTER_UPDATE: (x * after - y) ** 2,
        NOT_SQUARED: which(loss, *not_squared(torch.tensor(error, dtype=torch.float64))),
        TARGET_FORGOTTEN: (x * before) ** 2,
    }
    expect(loss, LOSS).close_to(error**2, mistakes=wrong, rtol=1e-5)
    fail_if(len(seen) == 0, NO_BACKWARD, Verdict.FORBIDDEN_OP)
    fail_if(isinstance(said, torch.Tensor) and said.requires_grad, GRAPH_KEPT)
    now = attempt.value(w)
    if expect(now, WEIGHT).is_tensor().tolist() == [before]:
        fail_if(rebinds(attempt.source), REBOUND_PARAMETER)
        left = attempt.value(w.grad)
        fail_if(left is None or not bool(expect(left, "w.grad").is_tensor().any()), ZEROED_BEFORE_UPDATE)
    wanted = torch.tensor([after], dtype=torch.float64)
    moves = (lr, gradient, lr / gradient, y * gradient, x * gradient)
    wrong = {
        STEP_UPHILL: wanted + 2 * lr * gradient,
        STEP_SIZE: which(now, *(torch.tensor([before - move], dtype=torch.float64) for move in moves)),
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
        expect(attempt.value(w), WEIGHT).close_to(right, mistakes={NOT_ZEROED: kept}, rtol=1e-5)
