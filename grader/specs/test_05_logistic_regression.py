"""The hidden checks of exercise 05.

`train` is given a plain linear layer with a sigmoid, so that a slip in LogisticRegressionModel costs nothing there, and
it is compared with gradient descent written out by formula; if it calls the learner's own binary_cross_entropy, with
that one.  Losses are compared to four digits, so that a small number inside a logarithm does no harm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlex.kit import Attempt, CheckFailure, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if
from dlex.kit.families import READY_MADE_LOSS

CLOSE = {"rtol": 1e-4, "atol": 1e-6}
N, FEATURES, OUTCOMES = 5, 3, 4
EPOCHS = 4
HOURS = torch.tensor([[0.75], [2.0], [3.25], [6.5], [8.5]])
NOT_A_NUMBER = float("nan")
LN2, LN10 = math.log(2), math.log(10)

PROBABILITY = Text(en="the output of LogisticRegressionModel", zh="LogisticRegressionModel 的输出")
PARAMETERS = Text(en="the shapes of the model's parameters", zh="模型参数的形状")
BCE = "binary_cross_entropy(p, y)"
WITH_LOGITS = "bce_with_logits(z, y)"
RIGHT_AND_CERTAIN = Text(en="the loss where p is 0 or 1 and equals y", zh="p 为 0 或 1 且等于 y 时的损失")
WRONG_AND_CERTAIN = Text(en="the loss where p is 0 or 1 and y is the other", zh="p 为 0 或 1 而 y 恰好相反时的损失")
LOSSES = Text(en="the list of losses", zh="损失的列表")
HOW_MANY = Text(en="the number of losses", zh="损失的个数")
TRAINED = Text(en="the parameters after training, weight and then bias,", zh="训练后的参数（先权重，后偏置）")
BOUNDARY = Text(en="the decision boundary", zh="决策边界")
ENTROPY = "entropy(p)"
CROSS_ENTROPY = "cross_entropy(p, q)"

NO_SIGMOID = Diagnosis(
    "no_sigmoid",
    en="The model returns w * x + b itself, which may be any number; the sigmoid turns it into a probability.",
    zh="模型直接返回了 w * x + b，它可以是任意实数；要用 sigmoid 把它变成概率。",
)
SIGMOID_TWICE = Diagnosis(
    "sigmoid_twice",
    en="The sigmoid is applied twice: to what is a probability already, in the model or inside BCEWithLogitsLoss.",
    zh="sigmoid 用了两次：对已经是概率的值又做了一次，可能在模型里，也可能在 BCEWithLogitsLoss 里。",
)
OTHER_ACTIVATION = Diagnosis(
    "other_activation",
    en="This is another function than the sigmoid: tanh gives negative numbers, a softmax over one column always 1.",
    zh="这不是 sigmoid：tanh 会给出负数，而只有一列时 softmax 恒等于 1。",
)
NOT_REGISTERED = Diagnosis(
    "not_registered",
    en="model.parameters() is empty, so training changes nothing: make the layer in __init__, as an attribute.",
    zh="model.parameters() 是空的，训练时什么也不会变：请在 __init__ 中创建网络层，并把它设为属性。",
)
NOT_ONE_LINEAR = Diagnosis(
    "not_one_linear",
    en="The parameters are not those of one linear layer from one number to one: a weight (1, 1) and a bias (1,).",
    zh="参数与“一个输入、一个输出的线性层”不符：应有一个权重 (1, 1) 和一个偏置 (1,)。",
)
COLUMN_LOST = Diagnosis(
    "column_lost",
    en="forward gives a row (N,) or a single number; keep the column (N, 1), as the labels have it.",
    zh="forward 给出的是一行 (N,) 或一个数；应保持一列 (N, 1)，与标签的形状一致。",
)
GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="No gradient comes back: .item(), .detach(), .data, NumPy or torch.tensor(...) takes values out of the graph.",
    zh="梯度传不回来：.item()、.detach()、.data、NumPy 或 torch.tensor(...) 让结果脱离了计算图。",
)
BUILT_IN_LOSS = Diagnosis(
    "built_in_loss",
    en="Here a ready-made loss or distribution of PyTorch does the work; write the formula yourself.",
    zh="这里用了 PyTorch 现成的损失函数或概率分布；请自己写出公式。",
)
MISSING_MINUS = Diagnosis(
    "missing_minus",
    en="The minus sign is missing: a logarithm of a probability is negative, the loss and the entropy are not.",
    zh="少了负号：概率的对数是负数，而损失和熵不是负数。",
)
SUM_NOT_MEAN = Diagnosis(
    "sum_not_mean",
    en="The losses of the samples are added up; here their mean is asked for (size_average=False is a sum, too).",
    zh="各样本的损失是加起来的；这里要求平均值（size_average=False 也是求和）。",
)
ONE_TERM_ONLY = Diagnosis(
    "one_term_only",
    en="Only one kind of label counts: the samples with y = 1, or those with y = 0, are missing from the loss.",
    zh="只有一类标签起作用：损失里缺了 y = 1 的样本，或缺了 y = 0 的样本。",
)
TERMS_MIXED = Diagnosis(
    "terms_mixed",
    en="Factor and logarithm do not belong together: y goes with log(p), 1 - y with log(1 - p).",
    zh="系数与对数配错了：y 乘 log(p)，1 - y 乘 log(1 - p)。",
)
LABELS_FLIPPED = Diagnosis(
    "labels_flipped",
    en="The labels are exchanged: p is the probability of y = 1, and you reward it where y is 0.",
    zh="标签弄反了：p 是 y = 1 的概率，你却在 y = 0 时奖励较大的 p。",
)
ARGUMENTS_SWAPPED = Diagnosis(
    "arguments_swapped",
    en="p and y are exchanged: the logarithm is taken of the label, and that of the label 0 is infinite.",
    zh="p 和 y 的位置反了：对数取在了标签上，而标签 0 的对数是无穷大。",
)
SQUARED_ERROR = Diagnosis(
    "squared_error",
    en="This is the mean squared error of p and y; here the loss is the cross entropy, which uses the logarithm.",
    zh="这是 p 与 y 的均方误差；这里的损失函数是交叉熵，要用对数。",
)
OTHER_LOGARITHM = Diagnosis(
    "other_logarithm",
    en="Your logarithm has base 2 or 10 (bits, not nats); here, as in PyTorch, it is the natural one, torch.log.",
    zh="你的对数以 2 或 10 为底（单位是比特而不是奈特）；这里与 PyTorch 一样用自然对数 torch.log。",
)
ZERO_TIMES_LOG = Diagnosis(
    "zero_times_log",
    en="log(0) is -inf, and 0 * -inf is NaN: a term whose factor is 0 must count as 0.",
    zh="log(0) 是 -inf，而 0 * -inf 得到 NaN：系数为 0 的项应当算作 0。",
)
BROADCAST = Diagnosis(
    "broadcast",
    en="p (N, 1) and y (N,) were broadcast to N x N pairs, each p with every y; refuse shapes that differ.",
    zh="p (N, 1) 与 y (N,) 被广播成 N x N 对，每个 p 都与所有的 y 配了对；形状不同时应当拒绝。",
)
WRONG_EXCEPTION = Diagnosis(
    "wrong_exception",
    en="Shapes that differ are refused, but with another exception: raise a ValueError, as PyTorch does.",
    zh="形状不同时确实被拒绝了，但抛出的是别的异常：应当像 PyTorch 一样抛出 ValueError。",
)
LOGITS_AS_PROBABILITIES = Diagnosis(
    "logits_as_probabilities",
    en="The logits are used as if they were probabilities; the formula for p needs p = sigmoid(z).",
    zh="你把 logits 当成了概率；关于 p 的公式里应代入 p = sigmoid(z)。",
)
OVERFLOW = Diagnosis(
    "overflow",
    en="For a large |z| this is not finite: sigmoid(z) is rounded to 0 or 1, or exp overflows. Rewrite the formula.",
    zh="|z| 很大时结果不是有限数：sigmoid(z) 被舍入成 0 或 1，或者 exp 溢出。请改写公式。",
)
CAPPED = Diagnosis(
    "capped",
    en="For a large |z| the loss stops growing, and its gradient is lost: something is clamped, or an eps is added.",
    zh="|z| 很大时损失不再增长，梯度也丢失了：某处做了截断（clamp），或加了 eps。",
)
BRANCH_GRADIENT = Diagnosis(
    "branch_gradient",
    en="The loss is right for a large |z|, but its gradient is not finite: exp overflows in the branch not taken.",
    zh="|z| 很大时损失是对的，梯度却不是有限数：没有选中的那个分支里 exp 溢出了。",
)
LOSS_AFTER_UPDATE = Diagnosis(
    "loss_after_update",
    en="These are the losses after each update; the one that gave the gradient, before the update, is asked for.",
    zh="这是每次更新之后的损失；要记录的是更新之前、用来求梯度的那个损失。",
)
NOT_EACH_EPOCH = Diagnosis(
    "not_each_epoch",
    en="The list must hold one loss for each epoch: as many rounds as `epochs` says, and one append in each.",
    zh="列表里每一轮应有一个损失：循环的次数正好是 `epochs`，每一轮 append 一次。",
)
LOSS_TENSORS = Diagnosis(
    "loss_tensors",
    en="The losses are tensors with their graphs, which all stay in memory; a Python number comes from .item().",
    zh="列表里的损失是带计算图的张量，这些计算图会一直占着内存；用 .item() 取出 Python 数。",
)
LOSS_WITHOUT_GRAPH = Diagnosis(
    "loss_without_graph",
    en="backward() is called on something without a graph: take the number for the list only, not for the loss.",
    zh="backward() 作用在了没有计算图的东西上：只在记录时取出数值，loss 本身要保持为张量。",
)
NOT_ZEROED = Diagnosis(
    "not_zeroed",
    en="The first step is right, the next is not: backward() adds to the gradients, and the old ones were not zeroed.",
    zh="第一步是对的，之后就错了：backward() 会累加梯度，而上一轮的梯度没有清零。",
)
ZEROED_BEFORE_STEP = Diagnosis(
    "zeroed_before_step",
    en="The parameters did not move: zero_grad() between backward() and step() wipes the gradient before it is used.",
    zh="参数没有动：zero_grad() 放在 backward() 与 step() 之间，梯度还没用就被清零了。",
)
NO_STEP = Diagnosis(
    "no_step",
    en="The parameters did not move: an update takes backward() and then the optimizer's step(), in each epoch.",
    zh="参数没有动：每一轮都要先 backward()，再调用优化器的 step()，才会更新。",
)
LR_IGNORED = Diagnosis(
    "lr_ignored",
    en="Two learning rates gave the same step: the argument lr is not used.",
    zh="换一个学习率，更新的步长却一样：没有用到参数 lr。",
)
WRONG_OPTIMIZER = Diagnosis(
    "wrong_optimizer",
    en="This is another optimizer's step: plain SGD, without momentum, moves by lr times the gradient.",
    zh="这是别的优化器的更新：普通的 SGD 不带动量，每步只走学习率乘梯度。",
)
BOUNDARY_SIGN = Diagnosis(
    "boundary_sign",
    en="The sign is wrong: put your result in for x, and w * x + b should be 0.",
    zh="符号反了：把你的结果当作 x 代入，w * x + b 应当等于 0。",
)
BOUNDARY_INVERTED = Diagnosis(
    "boundary_inverted",
    en="w and b stand the wrong way round in the quotient, or one is missing: solve w * x + b = 0 for x.",
    zh="商里的 w 和 b 位置颠倒了，或少了一个：请从 w * x + b = 0 解出 x。",
)
HALF_AS_LOGIT = Diagnosis(
    "half_as_logit",
    en="This solves w * x + b = 0.5; but what is 0.5 at the boundary is the probability, not the sigmoid's argument.",
    zh="你解的是 w * x + b = 0.5；但边界处等于 0.5 的是概率，而不是 sigmoid 的输入。",
)
BOUNDARY_NOT_EXACT = Diagnosis(
    "boundary_not_exact",
    en="This is near the boundary, but not on it: do not search, solve w * x + b = 0, and do not round.",
    zh="结果在边界附近，但不精确：不要逐点搜索，也不要取整，直接解 w * x + b = 0。",
)
FIGURE_NOT_RETURNED = Diagnosis(
    "figure_not_returned",
    en="What comes back is no figure: `plt.show()` and `plt.plot()` do not return it, so do it yourself.",
    zh="返回的不是图：`plt.show()` 和 `plt.plot()` 都不会返回 Figure 对象，请自己返回它。",
)
FIGURE_REUSED = Diagnosis(
    "figure_reused",
    en="A second call draws into the same figure, over the old curve: begin a new figure each time.",
    zh="第二次调用画进了同一张图，旧曲线还在里面：每次都要新建一张图。",
)
NO_CURVE = Diagnosis(
    "no_curve",
    en="The curve is missing: draw the probability at 50 points or more, in order, from the smallest x to the largest.",
    zh="图中没有概率曲线：从最小的 x 到最大的 x 依次取至少 50 个点，画出模型在这些点上的概率。",
)
NO_HALF_LINE = Diagnosis(
    "no_half_line",
    en="There is no horizontal line at the probability 0.5.",
    zh="图中没有概率为 0.5 的水平线。",
)
NO_BOUNDARY_LINE = Diagnosis(
    "no_boundary_line",
    en="There is no vertical line at the decision boundary.",
    zh="决策边界处没有竖直线。",
)
SAMPLES_MISSING = Diagnosis(
    "samples_missing",
    en="Not every sample (x, y) is drawn as a point.",
    zh="没有把每个样本 (x, y) 都画成点。",
)
NO_LABELS = Diagnosis(
    "no_labels",
    en="An axis has no label, so nobody can tell what the curve shows.",
    zh="有坐标轴没有标签，别人看不出曲线表示什么。",
)
MEAN_NOT_SUM = Diagnosis(
    "mean_not_sum",
    en="You divide by the number of outcomes; an entropy is a sum, the probabilities are its weights already.",
    zh="你除以了结果的个数；熵是求和，概率本身就是权重。",
)
DISTRIBUTIONS_SWAPPED = Diagnosis(
    "distributions_swapped",
    en="p and q are exchanged: the truth p is the weight, the logarithm is taken of the prediction q.",
    zh="p 和 q 的位置反了：真实分布 p 是权重，对数取在预测分布 q 上。",
)
ONE_DISTRIBUTION = Diagnosis(
    "one_distribution",
    en="This is the entropy of one distribution; the other one has no effect on it.",
    zh="这是其中一个分布的熵，另一个分布没有起作用。",
)
DIVERGENCE = Diagnosis(
    "divergence",
    en="This is the KL divergence, the cross entropy minus the entropy of p; do not subtract that.",
    zh="这是 KL 散度，即交叉熵减去 p 的熵；这里不要减。",
)
CLIPPED = Diagnosis(
    "clipped",
    en="q is 0 for something that does happen, so the cross entropy is infinite; your eps or clamp hides that.",
    zh="q 认为不可能的事真的会发生，交叉熵应为无穷大；你的 eps 或 clamp 把这一点掩盖了。",
)

TRAIN_ERRORS = {LOSS_WITHOUT_GRAPH: r"'float' object has no attribute 'backward'|does not require grad"}
NUMPY_ERRORS = {GRAPH_CUT: r"Can't call numpy\(\) on Tensor that requires grad"}


def doubles(rng: Inputs, *shape: int) -> torch.Tensor:
    """Normal values in float64."""
    return rng.normal(*shape, dtype=torch.float64)


def labels(*shape: int) -> torch.Tensor:
    """Labels 1, 0, 0, 1, 0: both kinds, repeated, and not equally many."""
    pattern = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0], dtype=torch.float64)
    return pattern.repeat(math.prod(shape))[: math.prod(shape)].reshape(shape)


def nearest(actual: Any, *wrong: torch.Tensor | float) -> Any:
    """Of the values that one misconception may give, the one that came, else the first."""
    found = torch.as_tensor(actual).detach().double() if isinstance(actual, (float, torch.Tensor)) else torch.empty(0)
    values = [torch.as_tensor(w, dtype=torch.float64) for w in wrong]
    same = (
        w
        for w, v in zip(wrong, values, strict=True)
        if v.shape == found.shape and torch.allclose(v, found, 1e-4, equal_nan=True)
    )
    return next(same, wrong[0])


def is_below(value: Any, limit: float) -> bool:
    """Whether a value is a finite number below `limit`."""
    number = value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value
    return isinstance(number, float) and -math.inf < number < limit


def from_formula(attempt: Attempt, name: str, *args: torch.Tensor) -> Any:
    """What the learner's function `name` gives; fails if something ready-made has computed it."""
    ready = any(re.search(r"distributions|Bernoulli|Categorical", call) for call in attempt.source.calls(name))
    fail_if(ready, BUILT_IN_LOSS, Verdict.FORBIDDEN_OP)
    with explaining(NUMPY_ERRORS):
        seen = attempt.observe(attempt[name], *args)
    fail_if(READY_MADE_LOSS.found_in(seen.ops), BUILT_IN_LOSS, Verdict.FORBIDDEN_OP)
    return seen.value


# ---- the model


def logistic(attempt: Attempt, w: float, b: float, run: Callable[..., Any] = lambda f, *args: f(*args)) -> Remote:
    """A LogisticRegressionModel with this weight and bias."""
    model: Remote = run(attempt.LogisticRegressionModel)
    if any(".Lazy" in call for call in attempt.source.calls()):
        run(model, torch.ones(2, 1))  # from which lazy layers take their sizes
    own = attempt.parameters(model)
    shapes = sorted(tuple(p.value.shape) for p in own)
    expect(shapes, PARAMETERS).equals([(1,), (1, 1)], mistakes={NOT_REGISTERED: [], NOT_ONE_LINEAR: shapes})
    attempt.load_parameters(model, {p.name: torch.full(p.value.shape, w if p.value.dim() == 2 else b) for p in own})
    return model


@pytest.mark.points(1)
@pytest.mark.public
def test_model(attempt: Attempt, rng: Inputs) -> None:
    """LogisticRegressionModel turns hours (N, 1) into probabilities (N, 1), and its gradient reaches w and b.

    zh: LogisticRegressionModel 把学习时间 (N, 1) 变成概率 (N, 1)，梯度能传到 w 和 b。
    """
    for n, sign in ((N, 1), (1, -1)):
        w, middle = sign * rng.number(0.5, 0.9), rng.number(3, 6)
        x, upstream = HOURS[rng.permutation(N)[:n]] + rng.uniform(n, 1, high=0.2), rng.normal(n, 1)
        model = logistic(attempt, w, -w * middle)
        z = w * (x - middle)
        p = z.sigmoid()
        found = model(x)
        expect(found, PROBABILITY).has_shape(n, 1, mistakes={COLUMN_LOST: (n,) if n > 1 else ()})
        others = [z.tanh(), z.relu(), z.relu().sigmoid(), z.softmax(1), z.softmax(0), F.logsigmoid(z), 1 - p]
        expect(found, PROBABILITY).close_to(
            p,
            mistakes={
                NO_SIGMOID: z,
                SIGMOID_TWICE: p.sigmoid(),
                OTHER_ACTIVATION: nearest(found, *others).float(),
            },
        )
        gradients = attempt.gradients(model, x, wrt=(), upstream=upstream, module=model).parameters
        fail_if(any(g is None for g in gradients), GRAPH_CUT, Verdict.NO_GRADIENT)
        slope = upstream * p * (1 - p)
        for gradient in gradients:
            wanted = (slope * x).sum().reshape(1, 1) if gradient.dim() == 2 else slope.sum().reshape(1)
            expect(gradient, Text(en="a gradient of the model", zh="模型的梯度")).close_to(
                wanted, verdict=Verdict.WRONG_GRADIENT
            )


# ---- the two losses


def slips(found: Any, p: torch.Tensor, y: torch.Tensor) -> dict[Diagnosis, Any]:
    """What wrong losses give for probabilities p and labels y."""
    yes, no, loss = -p.log(), -(1 - p).log(), F.binary_cross_entropy(p, y)
    mixed = [a * yes + b * no for a in (y, p, 1 - y, 1) for b in (1 - y, 1 - p, y, 1, 1 + y)]
    floors = [F.binary_cross_entropy(y.clamp(low, 1 - low), p) for low in (1e-7, 1e-8, 1e-12)]
    return {
        MISSING_MINUS: nearest(found, -loss, -loss * len(y)),
        SUM_NOT_MEAN: loss * y.numel(),
        ONE_TERM_ONLY: nearest(found, (y * yes).mean(), ((1 - y) * no).mean(), yes.mean(), no.mean()),
        LABELS_FLIPPED: F.binary_cross_entropy(p, 1 - y),
        ARGUMENTS_SWAPPED: nearest(found, math.inf, F.binary_cross_entropy(y, p), *floors),
        TERMS_MIXED: nearest(found, *(m.mean() for m in mixed[1:])),
        SQUARED_ERROR: nearest(found, F.mse_loss(p, y), F.mse_loss(p, y) * y.numel()),
        OTHER_LOGARITHM: nearest(found, loss / LN2, loss / LN10),
    }


@pytest.mark.points(1)
@pytest.mark.public
def test_bce_value(attempt: Attempt, rng: Inputs) -> None:
    """binary_cross_entropy is the mean of -(y log p + (1 - y) log(1 - p)) over all samples.

    zh: binary_cross_entropy 是 -(y log p + (1 - y) log(1 - p)) 对全部样本的平均值。
    """
    for shape in ((N, 1), (2, 3), (1, 1)):
        p, y = rng.uniform(*shape, low=0.05, high=0.95, dtype=torch.float64), labels(*shape)
        found = from_formula(attempt, "binary_cross_entropy", p, y)
        loss = F.binary_cross_entropy(p, y)
        expect(found, BCE).close_to(loss.item(), mistakes=slips(found, p, y), sizes={"N": y.numel()}, **CLOSE)


@pytest.mark.points(1)
def test_bce_edges(attempt: Attempt, rng: Inputs) -> None:
    """binary_cross_entropy takes p = 0 and p = 1, and refuses shapes that differ.

    zh: p 等于 0 或 1 时 binary_cross_entropy 也正确；p 与 y 形状不同时拒绝计算。
    """
    y = labels(N, 1)
    right = attempt.binary_cross_entropy(y.clone(), y)
    expect(right, RIGHT_AND_CERTAIN).close_to(0.0, mistakes={ZERO_TIMES_LOG: NOT_A_NUMBER}, atol=1e-4)
    check_wrong_and_certain(attempt.binary_cross_entropy(1 - y, y))
    for shape, other in (((N, 1), (N,)), ((N,), (N, 1)), ((N, 1), (1, 1))):
        p = rng.uniform(*shape, low=0.05, high=0.95, dtype=torch.float64)
        try:
            attempt.binary_cross_entropy(p, labels(*other))
        except CheckFailure as failure:
            raised = failure.finding.raised
            if failure.finding.verdict is not Verdict.RAISED or raised is None:
                raise
            fail_if(not raised.is_a("ValueError"), WRONG_EXCEPTION, Verdict.RAISED)
        else:
            fail(BROADCAST, Verdict.WRONG_SHAPE)


def check_wrong_and_certain(loss: Any) -> None:
    """Fail unless a loss is infinite or above 9."""
    value = loss.item() if isinstance(loss, torch.Tensor) and loss.numel() == 1 else loss
    if not isinstance(value, float) or not value > 9:
        expect(loss, WRONG_AND_CERTAIN).close_to(100.0, mistakes={ZERO_TIMES_LOG: NOT_A_NUMBER})


@pytest.mark.points(1)
@pytest.mark.public
def test_logits_value(attempt: Attempt, rng: Inputs) -> None:
    """bce_with_logits is the same loss, where p is sigmoid(z).

    zh: bce_with_logits 是同一个损失，其中 p = sigmoid(z)。
    """
    for shape in ((N, 1), (2, 3), (1,)):
        z, y = 2 * doubles(rng, *shape), labels(*shape)
        found = from_formula(attempt, "bce_with_logits", z, y)
        p = z.sigmoid()
        as_probability = F.binary_cross_entropy(z.clamp(1e-7, 1 - 1e-7), y)
        mistakes = slips(found, p, y) | {
            SIGMOID_TWICE: F.binary_cross_entropy(p.sigmoid(), y),
            LOGITS_AS_PROBABILITIES: nearest(found, NOT_A_NUMBER, as_probability),
        }
        loss = F.binary_cross_entropy(p, y)
        expect(found, WITH_LOGITS).close_to(loss.item(), mistakes=mistakes, sizes={"N": y.numel()}, **CLOSE)


@pytest.mark.points(1)
def test_logits_stable(attempt: Attempt, rng: Inputs) -> None:
    """bce_with_logits and its gradient are right for logits as large as 1000 and -1000.

    zh: logits 大到 1000、小到 -1000 时，bce_with_logits 及其梯度仍然正确。
    """
    size = rng.number(900, 1000)
    z = torch.tensor([size, -size, size, -size, 30.0, -30.0])
    y = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 1.0])
    right = F.binary_cross_entropy_with_logits(z, y).item()
    found = attempt.bce_with_logits(z, y)
    overflows = nearest(found, math.inf, NOT_A_NUMBER, -math.inf)
    expect(found, WITH_LOGITS).close_to(
        right,
        mistakes={OVERFLOW: overflows, **({CAPPED: found} if is_below(found, 110) else {})},
        **CLOSE,
    )
    gradient = attempt.gradients(attempt.bce_with_logits, z, y).inputs[0]
    fail_if(gradient is None, GRAPH_CUT, Verdict.NO_GRADIENT)
    finite = bool(expect(gradient, Text(en="the gradient for z", zh="z 的梯度")).is_tensor().isfinite().all())
    fail_if(not finite, BRANCH_GRADIENT, Verdict.NOT_FINITE)
    expect(gradient, Text(en="the gradient for z", zh="z 的梯度")).close_to(
        (z.sigmoid() - y) / len(y), verdict=Verdict.WRONG_GRADIENT
    )


@pytest.mark.points(0.5)
def test_gradients(attempt: Attempt, rng: Inputs) -> None:
    """The gradient of both losses flows back to p and to z.

    zh: 两个损失的梯度都能反向传播到 p 和 z。
    """
    y, z = labels(N, 1), doubles(rng, N, 1)
    p = z.sigmoid()
    for name, given, wanted in (
        ("binary_cross_entropy", p, (p - y) / (p * (1 - p)) / N),
        ("bce_with_logits", z, (p - y) / N),
    ):
        with explaining(NUMPY_ERRORS):
            gradient = attempt.gradients(attempt[name], given, y).inputs[0]
        fail_if(gradient is None, GRAPH_CUT, Verdict.NO_GRADIENT)
        expect(gradient, Text(en=f"the gradient of {name}", zh=f"{name} 的梯度")).close_to(
            wanted,
            mistakes={SUM_NOT_MEAN: wanted * N, MISSING_MINUS: -wanted},
            verdict=Verdict.WRONG_GRADIENT,
            **CLOSE,
        )


# ---- training

Slope = Callable[[torch.Tensor], tuple[float, torch.Tensor]]  # a loss, and its gradient for p


@dataclass(frozen=True)
class Task:
    """Samples, and where training begins: a weight (1, features) and a bias (1,)."""

    x: torch.Tensor
    y: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor

    @classmethod
    def drawn(cls, rng: Inputs) -> Task:
        """A task with several features, in float64."""
        x, weight, bias = (doubles(rng, *shape) for shape in ((N, FEATURES), (1, FEATURES), (1,)))
        return cls(x, labels(N, 1), weight / 2, bias / 2)

    @property
    def start(self) -> torch.Tensor:
        """Weight and bias in one vector."""
        return torch.cat([self.weight.flatten(), self.bias])

    def run(self, attempt: Attempt, epochs: int, lr: float) -> tuple[list[float], torch.Tensor]:
        """The losses of the learner's train, and the parameters after it."""
        linear = attempt.library("torch.nn.Linear")(FEATURES, 1, dtype=torch.float64)
        attempt.load_parameters(linear, [self.weight, self.bias])
        model = attempt.library("torch.nn.Sequential")(linear, attempt.library("torch.nn.Sigmoid")())
        with explaining(TRAIN_ERRORS):
            came = attempt.train(model, self.x, self.y, epochs, lr)
        each = [came, *came] if isinstance(came, (list, tuple)) else [came]
        fail_if(any(isinstance(v, torch.Tensor) and v.requires_grad for v in each), LOSS_TENSORS)
        losses = expect(came, LOSSES).numbers().tolist()
        expect(len(losses), HOW_MANY).equals(epochs, mistakes={NOT_EACH_EPOCH: len(losses)})
        return losses, torch.cat([p.value.detach().flatten() for p in attempt.parameters(linear)])

    def descend(self, slope: Slope, epochs: int, lr: float, momentum: float = 0.0) -> tuple[list[float], torch.Tensor]:
        """The same by formula; with a momentum of 1 the gradients add up, as they do if nobody sets them to zero."""
        at = self.start
        rows = torch.cat([self.x, torch.ones(N, 1, dtype=torch.float64)], dim=1)
        losses, velocity = [], torch.zeros_like(at)
        for _ in range(epochs):
            p = (rows @ at).sigmoid()[:, None]
            loss, gradient = slope(p)
            losses.append(loss)
            velocity = momentum * velocity + (rows.T @ (gradient * p * (1 - p)))[:, 0]
            at = at - lr * velocity
        return losses, at

    def slope(self, loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Slope:
        """The slope of a loss of p and y."""

        def of(p: torch.Tensor) -> tuple[float, torch.Tensor]:
            leaf = p.clone().requires_grad_()
            value = loss(leaf, self.y)
            return value.item(), torch.autograd.grad(value, leaf)[0]

        return of

    def own_slope(self, attempt: Attempt) -> Slope:
        """That of the learner's own binary_cross_entropy if train calls it and it can be used, else the right one."""

        def own(p: torch.Tensor) -> tuple[float, torch.Tensor]:
            found = attempt.gradients(attempt.binary_cross_entropy, p, self.y)
            value, gradient = expect(found.output).number(), found.inputs[0]
            expect(gradient).has_shape(N, 1)
            return value, gradient

        if "binary_cross_entropy" in attempt.source.calls("train"):
            try:
                own(torch.full((N, 1), 0.3, dtype=torch.float64))
            except CheckFailure:
                pass
            else:
                return own
        return self.slope(F.binary_cross_entropy)


def train_mistakes(task: Task, right: Slope, epochs: int, lr: float) -> dict[Diagnosis, Any]:
    """What wrong ways of training give: the losses and the parameters."""
    return {
        NOT_ZEROED: task.descend(right, epochs, lr, momentum=1.0),
        WRONG_OPTIMIZER: task.descend(right, epochs, lr, momentum=0.9),
        SUM_NOT_MEAN: task.descend(task.slope(lambda p, y: N * F.binary_cross_entropy(p, y)), epochs, lr),
        SIGMOID_TWICE: task.descend(task.slope(F.binary_cross_entropy_with_logits), epochs, lr),
        SQUARED_ERROR: task.descend(task.slope(F.mse_loss), epochs, lr),
    }


def order_of_steps(attempt: Attempt) -> str:
    """The steps of training in the order in which train names them: `zero_grad backward step`."""
    names = [call.rpartition(".")[2] for call in attempt.source.calls("train")]
    return " ".join(name for name in names if name in ("zero_grad", "backward", "step"))


def check_training(attempt: Attempt, task: Task, epochs: int, lr: float) -> None:
    """Compare the losses, and the parameters in the end, with those of gradient descent."""
    right = task.own_slope(attempt)
    losses, after = task.run(attempt, epochs, lr)
    wanted, where = task.descend(right, epochs, lr)
    if torch.equal(after, task.start):
        fail(ZEROED_BEFORE_STEP if order_of_steps(attempt) == "backward zero_grad step" else NO_STEP)
    moved = (after - task.start).abs()
    fail_if(epochs == 1 and bool((moved - lr).abs().max() < 1e-3 * lr), WRONG_OPTIMIZER)  # Adam's first step is lr
    mistakes = train_mistakes(task, right, epochs, lr)
    swapped = F.binary_cross_entropy(task.y, (task.x @ task.weight.T + task.bias).sigmoid()).item()
    others = {
        LOSS_AFTER_UPDATE: task.descend(right, epochs + 1, lr)[0][1:],
        ARGUMENTS_SWAPPED: [nearest(losses[0], math.inf, swapped)] * epochs,
    }
    expect(losses, LOSSES).close_to(wanted, mistakes={d: m[0] for d, m in mistakes.items()} | others, **CLOSE)
    uphill = {MISSING_MINUS: 2 * task.start - where} if epochs == 1 else {}
    expect(after, TRAINED).close_to(where, mistakes={d: m[1] for d, m in mistakes.items()} | uphill, **CLOSE)


@pytest.mark.points(1)
@pytest.mark.public
def test_train_step(attempt: Attempt, rng: Inputs) -> None:
    """One epoch of train returns the mean loss and makes one step of the size lr.

    zh: train 训练一轮：返回平均损失，并按学习率 lr 更新一次。
    """
    task, lr = Task.drawn(rng), rng.number(0.4, 0.8)
    _, first = task.run(attempt, 1, lr)
    _, second = task.run(attempt, 1, lr / 2)
    fail_if(torch.equal(first, second) and not torch.equal(first, task.start), LR_IGNORED)
    check_training(attempt, task, 1, lr)


@pytest.mark.points(1)
def test_train_epochs(attempt: Attempt, rng: Inputs) -> None:
    """Several epochs of train give the loss before each update, and every step uses its own gradient alone.

    zh: train 训练多轮：记录每次更新之前的损失，每一步只用这一轮的梯度。
    """
    check_training(attempt, Task.drawn(rng), EPOCHS, rng.number(0.4, 0.8))


# ---- the boundary


@pytest.mark.points(0.5)
@pytest.mark.public
def test_decision_boundary(attempt: Attempt, rng: Inputs) -> None:
    """decision_boundary gives the hours at which the probability is 0.5.

    zh: decision_boundary 给出概率恰为 0.5 的学习时间。
    """
    for sign, low, high in ((1, 2.1, 7.9), (-1, 2.1, 7.9), (1, -7.9, -2.1)):
        w, at = sign * rng.number(0.3, 0.8), rng.number(low, high)
        b = -w * at
        found = expect(attempt.decision_boundary(logistic(attempt, w, b)), BOUNDARY).number()
        wrong = {
            BOUNDARY_SIGN: -at,
            BOUNDARY_INVERTED: nearest(found, -w / b, w / b, -b, b),
            HALF_AS_LOGIT: at + 0.5 / w,
        }
        near = {BOUNDARY_NOT_EXACT: found} if abs(found - at) < 0.5 else {}
        expect(found, BOUNDARY).close_to(at, mistakes=wrong | near, rtol=1e-4)


def lines_of(attempt: Attempt, drawn: Any, figure: dict[str, Any]) -> list[np.ndarray]:
    """Every line of a figure as points (n, 2), those of hlines and vlines too."""
    found = [np.column_stack([line["x"], line["y"]]) for axes in figure["axes"] for line in axes["lines"]]
    if any("LineCollection" in axes["collections"] for axes in figure["axes"]):
        as_list = attempt.library("builtins.list")
        for axes, seen in zip(as_list(drawn.figure.axes), figure["axes"], strict=False):
            for collection, kind in zip(as_list(axes.collections), seen["collections"], strict=False):
                found += collection.get_segments() if kind == "LineCollection" else []
    return found


def is_curve(line: np.ndarray, x: torch.Tensor, w: float, b: float) -> bool:
    """Whether a line shows the probability, smoothly and over all of x."""
    if len(line) < 50 or line[:, 0].min() > x.min() + 1e-3 or line[:, 0].max() < x.max() - 1e-3:
        return False
    in_order = bool((np.diff(line[:, 0]) > 0).all() or (np.diff(line[:, 0]) < 0).all())
    return in_order and np.allclose(line[:, 1], 1 / (1 + np.exp(-(w * line[:, 0] + b))), atol=1e-3)


def is_level(line: np.ndarray, axis: int, value: float) -> bool:
    """Whether a line keeps one coordinate at a value, while the other changes."""
    return len(line) > 1 and np.allclose(line[:, axis], value, atol=1e-3) and bool(np.ptp(line[:, 1 - axis]) > 0)


@pytest.mark.points(1)
def test_plot_boundary(attempt: Attempt, rng: Inputs) -> None:
    """plot_boundary shows the samples, the curve of the probability, the level 0.5 and the boundary.

    zh: plot_boundary 画出样本、概率曲线、0.5 的水平线和决策边界。
    """
    x = HOURS[rng.permutation(N)]
    w, at, old = rng.number(0.8, 1.2), rng.number(4, 5), rng.number(2, 3)
    y = (x > 4).float()

    def draw(w: float, b: float) -> Any:
        """matplotlib takes tensors of the CPU only."""
        return attempt.on_host(attempt.plot_boundary, logistic(attempt, w, b, attempt.on_host), x, y)

    draw(-w, w * old)
    drawn = draw(w, -w * at)
    figure = attempt.figure(drawn)
    fail_if(not figure["is_figure"], FIGURE_NOT_RETURNED)
    lines = lines_of(attempt, drawn, figure)
    fail_if(any(is_curve(line, x, -w, w * old) for line in lines), FIGURE_REUSED)
    fail_if(not any(is_curve(line, x, w, -w * at) for line in lines), NO_CURVE)
    fail_if(not any(is_level(line, 1, 0.5) for line in lines), NO_HALF_LINE)
    fail_if(not any(is_level(line, 0, at) for line in lines), NO_BOUNDARY_LINE)
    clouds = [cloud for axes in figure["axes"] for cloud in axes["points"] if np.shape(cloud)[1:] == (2,)]
    points = np.concatenate([np.empty((0, 2)), *clouds, *(line for line in lines if len(line) <= N)])
    samples = torch.cat([x, y], dim=1).numpy()
    fail_if(not all(np.isclose(points, sample, atol=1e-3).all(axis=1).any() for sample in samples), SAMPLES_MISSING)
    labelled = any(axes["xlabel"].strip() and axes["ylabel"].strip() for axes in figure["axes"])
    fail_if(not labelled, NO_LABELS)


# ---- entropies


def distribution(rng: Inputs) -> torch.Tensor:
    """Some probabilities in float64, none of them 0."""
    return doubles(rng, OUTCOMES).softmax(0)


def crossed(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """The cross entropy; a place where p is 0 counts as 0."""
    happens = p > 0
    return (p[happens] * -q[happens].log()).sum()


@pytest.mark.points(0.5)
@pytest.mark.public
def test_entropy(attempt: Attempt, rng: Inputs) -> None:
    """entropy is minus the sum of p log p, where 0 log 0 counts as 0.

    zh: entropy 是 -Σ p log p，其中 0 log 0 算作 0。
    """
    impossible, certain = torch.tensor([0.2, 0.0, 0.5, 0.3]), torch.tensor([0.0, 0.0, 1.0, 0.0])
    for p in (distribution(rng), impossible.double()[rng.permutation(OUTCOMES)], certain.double()):
        found = from_formula(attempt, "entropy", p)
        right = crossed(p, p)
        expect(found, ENTROPY).close_to(
            right.item(),
            mistakes={
                ZERO_TIMES_LOG: NOT_A_NUMBER,
                MISSING_MINUS: -right,
                OTHER_LOGARITHM: nearest(found, right / LN2, right / LN10),
                MEAN_NOT_SUM: right / OUTCOMES,
            },
            **CLOSE,
        )


@pytest.mark.points(0.5)
def test_cross_entropy(attempt: Attempt, rng: Inputs) -> None:
    """cross_entropy is never less than the entropy of p, equal to it for q = p, and infinite if q denies what happens.

    zh: cross_entropy 不小于 p 的熵，q = p 时与熵相等；若 q 排除了会发生的事，则为无穷大。
    """
    for _ in range(3):
        p, q = distribution(rng), distribution(rng)
        found = from_formula(attempt, "cross_entropy", p, q)
        right, own = crossed(p, q), crossed(p, p)
        expect(found, CROSS_ENTROPY).close_to(
            right.item(),
            mistakes={
                MISSING_MINUS: -right,
                DISTRIBUTIONS_SWAPPED: crossed(q, p),
                ONE_DISTRIBUTION: nearest(found, own, crossed(q, q)),
                DIVERGENCE: nearest(found, right - own, own - right, crossed(q, p) - crossed(q, q)),
                OTHER_LOGARITHM: nearest(found, right / LN2, right / LN10),
                MEAN_NOT_SUM: right / OUTCOMES,
            },
            **CLOSE,
        )
        expect(attempt.cross_entropy(p, p), "cross_entropy(p, p)").close_to(
            own.item(), mistakes={DIVERGENCE: 0.0}, **CLOSE
        )
    p, q = torch.tensor([[0.5, 0.0, 0.3, 0.2], [0.6, 0.0, 0.1, 0.3]], dtype=torch.float64)
    found = attempt.cross_entropy(p, q)
    expect(found, CROSS_ENTROPY).close_to(crossed(p, q).item(), mistakes={ZERO_TIMES_LOG: NOT_A_NUMBER}, **CLOSE)
    found = attempt.cross_entropy(q, torch.tensor([0.0, 0.2, 0.5, 0.3], dtype=torch.float64))
    clipped = {CLIPPED: found} if is_below(found, 1e6) else {}
    expect(found, CROSS_ENTROPY).close_to(math.inf, mistakes={ZERO_TIMES_LOG: NOT_A_NUMBER, **clipped})
