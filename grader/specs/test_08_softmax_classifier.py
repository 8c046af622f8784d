"""The hidden checks of exercise 08.

softmax and cross_entropy are compared in float64, at ordinary logits and at large ones.  Net is a black box with
parameters.  train and evaluate get a model made here, with batch normalisation, so that each mode of it gives something
else; its training is done a second time in the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import isclose
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlex.kit import Attempt, Data, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if
from dlex.kit.families import SOFTMAX

CLASSES, PIXELS, HIDDEN = 10, 28 * 28, 12
MEAN, STD, MOMENTUM = 0.1307, 0.3081, 0.5
N, BATCH, EPOCHS = 18, 7, 2  # batches of 7, 7 and 4

PROBABILITIES = Text(en="the result of softmax", zh="softmax 的结果")
LOSS = Text(en="the loss", zh="损失")
GRADIENT = Text(en="the gradient for the logits", zh="logits 的梯度")
LOGITS = Text(en="the output of Net", zh="Net 的输出")
ALONE = Text(en="what Net gives for an image alone, not in a batch,", zh="单独输入一张图（而非一个批次）时 Net 的输出")
TRANSFORM = Text(en="the type of what make_transform() returns", zh="make_transform() 返回值的类型")
PICTURE = Text(en="a transformed picture", zh="变换后的图片")
LOSSES = Text(en="the list of losses", zh="损失的列表")
EPOCH_LOSS = Text(en="the loss of the epoch", zh="这个 epoch 的损失")
WEIGHT = Text(en="the last layer's weight after training", zh="训练后最后一层的权重")
ACCURACY = Text(en="the accuracy", zh="准确率")

READY_MADE = Diagnosis(
    "ready_made",
    en="torch's own softmax, logsumexp or cross entropy does the work here; write it from exp, log and sum.",
    zh="这里用了 torch 现成的 softmax、logsumexp 或交叉熵；请用 exp、log 和求和自己写出来。",
)
WRONG_DIM = Diagnosis(
    "softmax_wrong_dim",
    en="The sum runs down the batch: each sample has to get probabilities of its own, along the last dimension.",
    zh="求和是沿着批次做的：每个样本要有自己的一组概率，应沿最后一维归一化。",
)
WHOLE_TENSOR = Diagnosis(
    "whole_tensor",
    en="All values together add up to 1, as the sum was told no dimension: here each row has to.",
    zh="求和没有指定维度，结果是所有的值加起来等于 1；应当每一行各自等于 1。",
)
FIXED_DIM = Diagnosis(
    "fixed_dim",
    en="The classes are taken to be in dimension 1, but z may have any number of dimensions: count from the end.",
    zh="你认定类别在第 1 维，而 z 可以有任意多维：请从后往前数。",
)
KEEPDIM_MISSING = Diagnosis(
    "keepdim_missing",
    en="The row sums have lost their dimension, so broadcasting pairs them with the columns: keep it as size 1.",
    zh="各行的和少了一维，广播时就与列对应起来了：要让这一维保留为 1。",
)
ROWS_NOT_ONE = Diagnosis(
    "rows_not_one",
    en="The rows do not add up to 1: each exp(z) is divided by the sum of exp(z) over its own row.",
    zh="各行加起来不等于 1：每个 exp(z) 都要除以它所在行的 exp(z) 之和。",
)
SIGN_SWAPPED = Diagnosis(
    "sign_swapped",
    en="The smallest logit gets the largest probability: the sign of z is turned round, z - m became m - z.",
    zh="最小的 logit 得到了最大的概率：z 的符号反了，z - m 写成了 m - z。",
)
UNEVEN_SHIFT = Diagnosis(
    "uneven_shift",
    en="Within a row different numbers are subtracted and do not cancel: take the row's maximum, not the column's.",
    zh="同一行里减去的数不同，无法约掉：应取每行的最大值，而不是每列的。",
)
OVERFLOW = Diagnosis(
    "overflow",
    en="exp of a large logit is inf: subtract each row's largest logit first, which changes no probability.",
    zh="很大的 logit 取 exp 会变成 inf：先让每一行减去该行的最大值，概率并不会改变。",
)
GLOBAL_MAXIMUM = Diagnosis(
    "global_maximum",
    en="One maximum serves all rows: where a row lies far below it, every exp is 0, and 0/0 follows. One for each row.",
    zh="所有行共用了一个最大值：若某一行远低于它，该行的 exp 全为 0，就出现 0/0。应当每行各取最大值。",
)
LOG_OF_SOFTMAX = Diagnosis(
    "log_of_softmax",
    en="These are the logarithms of the probabilities: one step too far for softmax.",
    zh="这是概率的对数，比 softmax 多做了一步。",
)
GRAPH_CUT = Diagnosis(
    "graph_cut",
    en="The result has left its graph: .item(), .detach(), .data, torch.tensor(...) or no_grad is on the way.",
    zh="结果脱离了计算图：途中用了 .item()、.detach()、.data、torch.tensor(...) 或 no_grad。",
)
SUM_NOT_MEAN = Diagnosis(
    "sum_not_mean",
    en="The losses of the samples are added up; the mean over the batch is asked for.",
    zh="各样本的损失只是相加；要求的是对批次取平均。",
)
MISSING_MINUS = Diagnosis(
    "missing_minus",
    en="The minus is missing: the logarithm of a probability is negative, and a loss is not.",
    zh="少了负号：概率的对数是负数，而损失不是。",
)
MEAN_OVER_CLASSES = Diagnosis(
    "mean_over_classes",
    en="The mean is taken over all N * C entries, but only one per sample counts: divide by N.",
    zh="平均是对全部 N * C 个元素取的，而每个样本只有一项有效：应除以 N。",
)
CROSSED_INDEX = Diagnosis(
    "crossed_index",
    en="An index takes whole rows or columns, N times N or C values: from each row i only the entry y[i] is wanted.",
    zh="索引取出了整行或整列：每一行 i 只需要取 y[i] 这一个元素。",
)
LABEL_AS_NUMBER = Diagnosis(
    "label_as_number",
    en="The label is multiplied as a number, so class 3 counts three times and class 0 never; it only says which one.",
    zh="标签被当作数值来乘，第 3 类就算三次，第 0 类从不计入；标签只表示取哪一项。",
)
NO_LOGARITHM = Diagnosis(
    "no_logarithm",
    en="The right class is picked, but not from log p: a probability (or a logit, with NLLLoss) is no loss.",
    zh="取出了正确类别的那一项，但不是从 log p 中取的：概率（或用 NLLLoss 时的 logit）本身不是损失。",
)
WRONG_NORMALISER = Diagnosis(
    "wrong_normaliser",
    en="log p is z minus the logarithm of its row's sum of exp(z); this second part is missing, or is another.",
    zh="log p 是 z 减去该行 exp(z) 之和的对数；你的这一项缺少了，或写得不对。",
)
SOFTMAX_TWICE = Diagnosis(
    "softmax_twice",
    en="Softmax is applied twice, so the loss can no longer get near 0: cross entropy takes plain logits.",
    zh="softmax 做了两次，损失就无法接近 0：交叉熵接收的是原始的 logits。",
)
LOG_UNDERFLOW = Diagnosis(
    "log_underflow",
    en="A small probability became 0 before its logarithm was taken: use log p = z - log(sum of exp(z)) directly.",
    zh="很小的概率先变成了 0，再取对数就是 inf：请直接计算 log p = z - log(Σ exp(z))。",
)
CAPPED = Diagnosis(
    "capped",
    en="An epsilon or a clamp hides log(0), and caps the loss: a sample that is totally wrong looks harmless.",
    zh="用很小的 epsilon 或 clamp 掩盖了 log(0)，损失就有了上限：错得离谱的样本看起来也无妨。",
)
NARROW_ONE_HOT = Diagnosis(
    "narrow_one_hot",
    en="The one-hot rows are as wide as the largest label in the batch asks for, not C: the last class is absent here.",
    zh="one-hot 的宽度由本批次中最大的标签决定，而不是 C：这里恰好没有最后一类。",
)
FLOAT_LABELS = Diagnosis(
    "float_labels",
    en="Labels are whole numbers (int64), since they say which entry to take: do not turn them into floats.",
    zh="标签是整数（int64），用来指明取哪一项：不要转换成浮点数。",
)
NOT_FLATTENED = Diagnosis(
    "not_flattened",
    en="The images reach the linear layer as (N, 1, 28, 28): make rows of 784 numbers of them first, inside forward.",
    zh="到达线性层的图像还是 (N, 1, 28, 28)：要先在 forward 里把每张图展平成 784 个数。",
)
BATCH_FLATTENED = Diagnosis(
    "batch_flattened",
    en="The flattening swallows the batch or fixes its size: keep dimension 0, whatever N is.",
    zh="展平时把批次也压进去了，或把批次大小写死了：不论 N 是多少，都要保留第 0 维。",
)
MIXES_SAMPLES = Diagnosis(
    "mixes_samples",
    en="An image's logits depend on the others in the batch: a view in the wrong order, or a step along dimension 0.",
    zh="一张图的 logits 受同批次其他图的影响：view 的顺序不对，或有一步沿第 0 维进行。",
)
NOT_TEN_LOGITS = Diagnosis(
    "not_ten_logits",
    en="Each image needs ten numbers, one for each digit: look at the size of the last layer.",
    zh="每张图要有十个数，每个数字一个：请看最后一层的大小。",
)
SOFTMAX_ON_LOGITS = Diagnosis(
    "softmax_on_logits",
    en="Net returns probabilities; CrossEntropyLoss wants the plain logits and takes the softmax itself.",
    zh="Net 返回的是概率；CrossEntropyLoss 需要原始的 logits，它自己会做 softmax。",
)
LOG_SOFTMAX_ON_LOGITS = Diagnosis(
    "log_softmax_on_logits",
    en="Net returns logarithms of probabilities; here it ends in plain logits, and the loss does the rest.",
    zh="Net 返回的是概率的对数；这里应直接输出 logits，其余由损失函数完成。",
)
ACTIVATION_ON_LOGITS = Diagnosis(
    "activation_on_logits",
    en="There is an activation after the last linear layer: logits may be any number, negative ones too.",
    zh="最后的线性层之后还有激活函数：logits 可以是任何数，也可以为负。",
)
NO_ACTIVATION = Diagnosis(
    "no_activation",
    en="Net is linear from end to end: without an activation between them, several linear layers are worth one.",
    zh="Net 从头到尾都是线性的：层与层之间没有激活函数，多个线性层就等于一个。",
)
NOT_REGISTERED = Diagnosis(
    "not_registered",
    en="Some layers are not registered, so no optimizer sees them: a plain list, or forward, is no place for them.",
    zh="有网络层没有注册，优化器看不到它们：不要放在普通列表里，也不要在 forward 里创建。",
)
LAYER_UNUSED = Diagnosis(
    "layer_unused",
    en="A layer has no part in the logits: look for a result that the next line does not take up.",
    zh="有一层对 logits 没有任何作用：找一找哪一行的结果没有被下一行用到。",
)
NOT_NORMALISED = Diagnosis(
    "not_normalised",
    en="The values are still between 0 and 1: Normalize is missing after ToTensor.",
    zh="数值还在 0 到 1 之间：ToTensor 之后缺少 Normalize。",
)
SWAPPED_NUMBERS = Diagnosis(
    "swapped_numbers",
    en="Mean and standard deviation have changed places: subtract 0.1307, divide by 0.3081.",
    zh="均值和标准差写反了：应减去 0.1307，再除以 0.3081。",
)
OTHER_STATISTICS = Diagnosis(
    "other_statistics",
    en="This is normalised with 0.5 and 0.5, which only maps [0, 1] to [-1, 1]; use the two numbers of MNIST.",
    zh="这里用的是 0.5 和 0.5，只是把 [0, 1] 映射到 [-1, 1]；请用 MNIST 的两个数。",
)
NOT_SCALED = Diagnosis(
    "not_scaled",
    en="The pixels go from 0 to 255 into Normalize, but 0.1307 and 0.3081 are for values from 0 to 1.",
    zh="送入 Normalize 的像素还是 0 到 255，而 0.1307 和 0.3081 是对 0 到 1 的数值而言的。",
)
NORMALISED_FIRST = Diagnosis(
    "normalised_first",
    en="Normalize comes before ToTensor: it works on tensors, so the picture has to become one first.",
    zh="Normalize 写在了 ToTensor 前面：它只能处理张量，要先把图片变成张量。",
)
THREE_CHANNELS = Diagnosis(
    "three_channels",
    en="Three means make three channels of a grey picture: MNIST has one channel, so one number each.",
    zh="写了三个均值，灰度图就变成了三个通道：MNIST 只有一个通道，均值和标准差各一个数。",
)
SOFTMAX_BEFORE_LOSS = Diagnosis(
    "softmax_before_loss",
    en="train takes a softmax before the loss, which takes it again: hand the logits over as they are.",
    zh="train 在损失函数之前先做了 softmax，而损失函数还会再做一次：请直接传入 logits。",
)
NEVER_STEPS = Diagnosis(
    "never_steps",
    en="The weights are what they were: for each batch backward, then step, and zero_grad not between the two.",
    zh="权重与训练前完全相同：每个批次先 backward 再 step，zero_grad 不能放在二者之间。",
)
GRADIENTS_ACCUMULATE = Diagnosis(
    "gradients_accumulate",
    en="The gradients of the earlier batches are still in .grad when the optimizer steps: clear them for each batch.",
    zh="更新时 .grad 里还留着前面批次的梯度：每个批次都要清零。",
)
NO_MOMENTUM = Diagnosis(
    "no_momentum",
    en="These are steps without momentum; the optimizer here has momentum 0.5.",
    zh="这是没有冲量（momentum）的更新；这里的优化器要设 momentum 为 0.5。",
)
OPTIMIZER_REMADE = Diagnosis(
    "optimizer_remade",
    en="The optimizer is made anew within the loops and forgets its momentum each time: make one before them.",
    zh="优化器在循环里重新创建，每次都丢掉了已有的冲量：应在循环之前只创建一次。",
)
TRAINED_IN_EVAL_MODE = Diagnosis(
    "trained_in_eval_mode",
    en="The model came in evaluation mode and was trained in it: dropout and batch normalisation need training mode.",
    zh="模型传入时处于评估模式，就这样训练了：dropout 和批量归一化需要训练模式。",
)
LOSS_PER_BATCH = Diagnosis(
    "loss_per_batch",
    en="There is one loss for each batch; one number per epoch is asked for.",
    zh="这里每个批次一个损失；要求的是每个 epoch 一个数。",
)
WRONG_EPOCHS = Diagnosis(
    "wrong_epochs",
    en="The number of epochs is not the one asked for: one loss each, a loop over epochs, and return behind it.",
    zh="epoch 的个数不对：循环要遍历 epochs，每个 epoch 一个损失，return 写在循环之后。",
)
FIRST_BATCH_ONLY = Diagnosis(
    "first_batch_only",
    en="Only the first batch counts: a break or a return ends the loop over the loader too early.",
    zh="只用了第一个批次：break 或 return 让遍历加载器的循环过早结束了。",
)
LR_IGNORED = Diagnosis(
    "lr_ignored",
    en="The steps are those of another learning rate, SGD's own 0.001 or 0.01: hand lr on to the optimizer.",
    zh="更新用的是别的学习率（SGD 默认的 0.001，或 0.01）：请把 lr 传给优化器。",
)
COUNT_OFF_BY_ONE = Diagnosis(
    "count_off_by_one",
    en="The total or the count is off by one: both start at 0, and each sample counts once.",
    zh="总和或计数差了 1：两者都从 0 开始，每个样本计一次。",
)
MEAN_OF_MEANS = Diagnosis(
    "mean_of_means",
    en="You average the batches' means, so the samples of the small last batch count for more than the others.",
    zh="你对各批次的平均值再求平均，最后那个小批次里的样本就比其他样本更重。",
)
BATCHES_SUMMED = Diagnosis(
    "batches_summed",
    en="The losses of an epoch are added up and not divided.",
    zh="一个 epoch 的损失只相加，没有除以个数。",
)
LAST_BATCH_ONLY = Diagnosis(
    "last_batch_only",
    en="That is the last batch alone; all samples of the epoch count.",
    zh="这只是最后一个批次的结果；整个 epoch 的样本都要计入。",
)
DIVIDED_TWICE = Diagnosis(
    "divided_twice",
    en="Each batch's loss is a mean already; dividing their sum by the number of samples divides twice.",
    zh="每个批次的损失已经是平均值；把它们的和再除以样本数，就除了两次。",
)
TOTAL_NOT_RESET = Diagnosis(
    "total_not_reset",
    en="The second epoch still contains the first: start its total and its count afresh.",
    zh="第二个 epoch 的结果里还含着第一个：总和与计数都要在每个 epoch 重新开始。",
)
LOSS_AFTER_STEP = Diagnosis(
    "loss_after_step",
    en="The loss was computed again after the step; take the one that was differentiated.",
    zh="损失是在更新之后重新计算的；应取用于求导的那个损失。",
)
GRAPH_KEPT = Diagnosis(
    "graph_kept",
    en="The losses are tensors with their graphs, which keep every batch in memory: take the number out.",
    zh="损失是带计算图的张量，每个批次都会留在内存里：应取出数值。",
)
PERCENT = Diagnosis(
    "percent",
    en="This is a percentage; the share from 0 to 1 is asked for.",
    zh="这是百分数；要求的是 0 到 1 之间的比例。",
)
COUNT_NOT_SHARE = Diagnosis(
    "count_not_share",
    en="This is how many are right; divide by how many there are.",
    zh="这是正确的个数；还要除以总数。",
)
ARGMAX_WRONG_DIM = Diagnosis(
    "argmax_wrong_dim",
    en="The largest logit is looked for down the batch; of (B, 10), the classes are dimension 1.",
    zh="最大值是沿着批次找的；形状 (B, 10) 中类别是第 1 维。",
)
VALUE_NOT_CLASS = Diagnosis(
    "value_not_class",
    en="The largest logits are compared with the labels, not their places: max gives values first, then indices.",
    zh="与标签比较的是最大的 logit 本身，而不是它的位置：max 先返回值，再返回下标。",
)
COLUMN_MEETS_ROW = Diagnosis(
    "column_meets_row",
    en="Predictions (B, 1) are compared with labels (B,): broadcasting makes (B, B), and everybody meets everybody.",
    zh="预测的形状是 (B, 1)，标签是 (B,)：广播成 (B, B)，每个预测都与每个标签比较了一次。",
)
EVALUATED_IN_TRAINING_MODE = Diagnosis(
    "evaluated_in_training_mode",
    en="The model was still in training mode, so batch normalisation used the batch: an image's class hangs on others.",
    zh="模型还处于训练模式，批量归一化用的是当前批次的统计量：一张图的结果会受其他图影响。",
)
MODE_NOT_RESTORED = Diagnosis(
    "mode_not_restored",
    en="evaluate leaves the model in another mode than it came in: note model.training first, and go back to it.",
    zh="evaluate 之后，模型的模式与传入时不同：先记下 model.training，最后再恢复。",
)
GRAPH_RECORDED = Diagnosis(
    "graph_recorded",
    en="A graph is recorded for every batch, though nobody calls backward: evaluation belongs under torch.no_grad().",
    zh="每个批次都记录了计算图，却没有人调用 backward：评估应放在 torch.no_grad() 之下。",
)

FLOAT_INDEX = (
    r"tensors used as indices must be|one_hot is only applicable|[Ee]xpected (dtype int|.*Long)|scalar type Long"
)
FORWARD_ERRORS = {
    NOT_FLATTENED: rf"mat1 and mat2 shapes cannot be multiplied \({5 * 28}x28|\({28}x28 and",
    BATCH_FLATTENED: r"is invalid for input of size|size mismatch, got input|cannot be multiplied",
}

Batches = list[tuple[torch.Tensor, torch.Tensor]]
Step = Callable[[torch.Tensor], torch.Tensor]


# ---- softmax and cross entropy


def from_scratch(attempt: Attempt, function: Remote, *args: torch.Tensor) -> Any:
    """Call `function`; fails if torch's own softmax or cross entropy has a hand in it."""
    seen = attempt.observe(function, *args)
    fail_if(SOFTMAX.found_in(seen.ops), READY_MADE, Verdict.FORBIDDEN_OP)
    return seen.value


def probabilities(attempt: Attempt, z: torch.Tensor) -> Any:
    """softmax(z) of the attempt."""
    dim = FIXED_DIM if z.dim() == 1 else KEEPDIM_MISSING
    with explaining({dim: r"Dimension out of range|must match the size of tensor"}):
        return from_scratch(attempt, attempt.softmax, z)


def alike(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Equality up to the rounding of float32, on the scale of the larger value."""
    return bool((a - b).abs().max() <= 1e-4 * max(1.0, float(b.abs().max())))


def adds_up_to_one(values: torch.Tensor, dim: int) -> bool:
    """Whether these are probabilities along `dim`."""
    if values.dim() == 0 or not -values.dim() <= dim < values.dim():
        return False
    sums = values.sum(dim)
    return bool((values >= 0).all()) and alike(sums, torch.ones_like(sums))


def recognise(
    actual: Any, right: torch.Tensor, wrong: Sequence[tuple[Diagnosis, torch.Tensor]], limit: float = 1e-6
) -> None:
    """Fail with the diagnosis of the first wrong value that `actual` is, where wrong and right differ."""
    for diagnosis, value in wrong:
        told = value.shape != right.shape or not torch.allclose(value, right)
        same = isinstance(actual, torch.Tensor) and actual.shape == value.shape and actual.dtype == value.dtype
        fail_if(told and same and torch.allclose(actual.detach(), value, limit, limit), diagnosis)


def not_finite(value: Any) -> bool:
    """Whether a tensor holds NaN or an infinity."""
    return isinstance(value, torch.Tensor) and not bool(value.isfinite().all())


def far_apart(rng: Inputs, rows: int, classes: int) -> torch.Tensor:
    """Rows of ordinary logits, each moved as a whole by thousands, up and down."""
    z = rng.normal(rows, classes, dtype=torch.float64)
    return z + 1500.0 * (torch.arange(rows)[rng.permutation(rows)] - rows // 2)[:, None]


@pytest.mark.points(1)
@pytest.mark.public
def test_softmax(attempt: Attempt, rng: Inputs) -> None:
    """softmax makes probabilities along the last dimension, whatever dimensions come before it.

    zh: 不论前面有多少维，softmax 都沿最后一维给出概率。
    """
    for shape in ((4, 5), (3, 3), (2, 3, 4), (1, 6), (5,)):
        z = rng.normal(*shape, dtype=torch.float64)
        right, exp = z.softmax(-1), z.exp()
        found = probabilities(attempt, z)
        value = expect(found, PROBABILITIES).is_tensor()
        others = range(z.dim() - 1)
        wrong = [(FIXED_DIM if dim else WRONG_DIM, z.softmax(dim)) for dim in others]
        wrong += [(UNEVEN_SHIFT, (z - z.amax(dim, keepdim=True)).softmax(-1)) for dim in others]
        wrong += [
            (SIGN_SWAPPED, (-z).softmax(-1)),
            (WHOLE_TENSOR, exp / exp.sum()),
            (LOG_OF_SOFTMAX, z.log_softmax(-1)),
        ]
        if shape == (3, 3):
            wrong.append((KEEPDIM_MISSING, exp / exp.sum(dim=-1)))
        wrong += [(WRONG_DIM, value) for dim in others if adds_up_to_one(value, dim)]
        if not adds_up_to_one(value, -1):
            wrong.append((ROWS_NOT_ONE, value))
        recognise(found, right, wrong)
        expect(found, PROBABILITIES).close_to(right)
    z = rng.normal(3, 4)
    expect(probabilities(attempt, z), PROBABILITIES).close_to(z.softmax(-1))


@pytest.mark.points(1)
def test_softmax_of_large_logits(attempt: Attempt, rng: Inputs) -> None:
    """softmax stays finite and exact for large logits, and lets the gradient through.

    zh: logits 很大时 softmax 仍然有限且精确，梯度也能传回。
    """
    z = rng.normal(4, 5, dtype=torch.float64)
    skewed = z.clone()
    skewed[:, 2] += 3000.0
    rows = far_apart(rng, 4, 5)
    cases = ((OVERFLOW, z + 1000.0), (OVERFLOW, skewed), (GLOBAL_MAXIMUM, rows), (GLOBAL_MAXIMUM, rows * 2.0))
    for diagnosis, logits in cases:
        found = probabilities(attempt, logits)
        fail_if(not_finite(found), diagnosis, Verdict.NOT_FINITE)
        expect(found, PROBABILITIES).close_to(logits.softmax(-1))
    for logits in (z, rows):
        check_gradient(attempt, attempt.softmax, F.softmax, logits, rng.normal(4, 5, dtype=torch.float64))


def check_gradient(
    attempt: Attempt, function: Remote, right: Callable[..., torch.Tensor], z: torch.Tensor, upstream: torch.Tensor,
    *args: torch.Tensor,
) -> None:  # fmt: skip
    """Fail unless the gradient for z, of `function` at (z, *args), is that of `right`."""
    found = attempt.gradients(function, z, *args, upstream=upstream)
    fail_if(not found.connected or found.inputs[0] is None, GRAPH_CUT, Verdict.NO_GRADIENT)
    leaf = z.clone().requires_grad_()
    value = right(leaf, *args) if args else right(leaf, dim=-1)
    (wanted,) = torch.autograd.grad((value * upstream).sum(), leaf)
    expect(found.inputs[0], GRADIENT).close_to(wanted, verdict=Verdict.WRONG_GRADIENT)


def labels(rng: Inputs, n: int, classes: int) -> torch.Tensor:
    """Labels with repetitions, the last class never among them."""
    return rng.permutation(n) % (classes - 1)


def loss_of(attempt: Attempt, logits: torch.Tensor, y: torch.Tensor) -> Any:
    """cross_entropy(logits, y) of the attempt."""
    c = logits.shape[1]
    signs = {
        FLOAT_LABELS: FLOAT_INDEX,
        NARROW_ONE_HOT: rf"tensor a \(({c}|{c - 1})\) must match the size of tensor b \(({c}|{c - 1})\)",
        KEEPDIM_MISSING: r"must match the size of tensor",
    }
    with explaining(signs):
        value = from_scratch(attempt, attempt.cross_entropy, logits, y)
    fail_if(isinstance(value, float), GRAPH_CUT, Verdict.NO_GRADIENT)
    return value


@pytest.mark.points(1)
@pytest.mark.public
def test_cross_entropy(attempt: Attempt, rng: Inputs) -> None:
    """cross_entropy is the mean of -log p of the right class.

    zh: cross_entropy 是正确类别的 -log p 的平均。
    """
    for n, classes in ((7, 5), (4, 4), (1, 3)):
        logits, y = rng.normal(n, classes, dtype=torch.float64, std=2.0), labels(rng, n, classes)
        p, log_p, rows = logits.softmax(1), logits.log_softmax(1), torch.arange(n)
        right = F.cross_entropy(logits, y)
        shifted = logits - logits.amax(1, keepdim=True)
        sums = shifted.exp().sum(1)
        lower = shifted[rows, y]  # log p without its normaliser
        wrong: list[tuple[Diagnosis, torch.Tensor]] = [
            (MISSING_MINUS, -right),
            (SUM_NOT_MEAN, right * n),
            (MEAN_OVER_CLASSES, right / classes),
            (CROSSED_INDEX, -log_p[:, y].mean()),
            (CROSSED_INDEX, -log_p[y].mean()),
            (CROSSED_INDEX, -log_p[:, y]),
            (CROSSED_INDEX, -log_p[0, y].mean()),
            (CROSSED_INDEX, -log_p[y, 0].mean()),
            (LABEL_AS_NUMBER, -(y[:, None] * log_p).sum(1).mean()),
            (LABEL_AS_NUMBER, -(y[:, None] * log_p).mean()),
            (NO_LOGARITHM, -p[rows, y].mean()),
            (SOFTMAX_TWICE, F.cross_entropy(p, y)),
            (WRONG_DIM, F.nll_loss(logits.log_softmax(0), y)),
            (WRONG_DIM, F.nll_loss(shifted - shifted.exp().sum(0).log(), y)),
            (WHOLE_TENSOR, (logits.logsumexp((0, 1)) - logits[rows, y]).mean()),
            (SIGN_SWAPPED, F.cross_entropy(-logits, y)),
            (SIGN_SWAPPED, F.cross_entropy(-shifted, y)),
            (UNEVEN_SHIFT, F.cross_entropy(logits - logits.amax(0), y)),
            (WRONG_NORMALISER, -logits[rows, y].mean()),
            (WRONG_NORMALISER, -lower.mean()),
            (WRONG_NORMALISER, -(lower + sums.log()).mean()),
            (WRONG_NORMALISER, -(lower - sums).mean()),
            (WRONG_NORMALISER, -(lower - sums.exp()).mean()),
            (WRONG_NORMALISER, -(lower - (sums / classes).log()).mean()),
            (WRONG_NORMALISER, torch.zeros_like(right)),
        ]
        found = loss_of(attempt, logits, y)
        recognise(found, right, wrong if n > 1 else [])
        expect(found, LOSS).close_to(right, sizes={"N": n})
    logits, y = rng.normal(5, 6), labels(rng, 5, 6)
    expect(loss_of(attempt, logits, y), LOSS).close_to(F.cross_entropy(logits, y))


@pytest.mark.points(1)
def test_cross_entropy_of_large_logits(attempt: Attempt, rng: Inputs) -> None:
    """cross_entropy stays exact for large logits, and its gradient is (softmax - one-hot) / N.

    zh: logits 很大时 cross_entropy 仍然精确，它的梯度是 (softmax - one-hot) / N。
    """
    n, classes = 7, 5
    z, y = rng.normal(n, classes, dtype=torch.float64), labels(rng, n, classes)
    unlikely = z - 900.0 * F.one_hot(y, classes)  # exp(-900) is 0, exp(1) is harmless
    cases = ((OVERFLOW, z + 1000.0), (LOG_UNDERFLOW, unlikely), (GLOBAL_MAXIMUM, far_apart(rng, n, classes)))
    for diagnosis, logits in cases:
        found, right = loss_of(attempt, logits, y), F.cross_entropy(logits, y)
        fail_if(not_finite(found), diagnosis, Verdict.NOT_FINITE)
        value = expect(found, LOSS).number()
        fail_if(diagnosis is LOG_UNDERFLOW and 0 < value < right / 2, CAPPED)
        expect(found, LOSS).close_to(right, sizes={"N": n})
    for logits in (z, unlikely):
        upstream = rng.normal(1, dtype=torch.float64)[0]
        check_gradient(attempt, attempt.cross_entropy, F.cross_entropy, logits, upstream, y)


# ---- Net


def net_of(attempt: Attempt, *, state: dict[str, torch.Tensor] | None = None) -> Remote:
    """A Net in evaluation mode, with the parameters `state` if they are given."""
    net: Remote = attempt.Net()
    attempt.keep(net.eval)
    if any(".Lazy" in call for call in attempt.source.calls()):
        net(torch.zeros(2, 1, 28, 28))
    if state is not None:
        attempt.load_parameters(net, state)
    return net


def random_state(attempt: Attempt, net: Remote, rng: Inputs) -> dict[str, torch.Tensor]:
    """Parameters of such a size that the logits are of both signs and well above 1."""
    found = {p.name: p.value for p in attempt.parameters(net)}
    fail_if(not found, NOT_REGISTERED)
    return {
        name: rng.normal(*value.shape, std=3.0 * max(1, value.shape[-1] if value.dim() > 1 else 1) ** -0.5)
        for name, value in found.items()
    }


def logits_of(net: Remote, x: torch.Tensor) -> torch.Tensor:
    """What Net gives for a batch, if it has the form of logits."""
    with explaining(FORWARD_ERRORS):
        value = net(x)
    found = expect(value, LOGITS).is_tensor()
    fail_if(found.dim() != 2 and found.shape[-1:] == (CLASSES,), BATCH_FLATTENED, Verdict.WRONG_SHAPE)
    fail_if(found.shape[:1] == (len(x),) and found.shape[1:] != (CLASSES,), NOT_TEN_LOGITS, Verdict.WRONG_SHAPE)
    expect(found, LOGITS).has_shape(len(x), CLASSES)
    if found.dtype != torch.float32 or not_finite(found):
        expect(found, LOGITS).close_to(found.nan_to_num().float())
    return found


@pytest.mark.points(1)
@pytest.mark.public
def test_net_shape(attempt: Attempt, rng: Inputs) -> None:
    """Net takes (N, 1, 28, 28) to ten numbers for each image, whatever the size of the batch.

    zh: 不论批次多大，Net 都把 (N, 1, 28, 28) 变成每张图十个数。
    """
    x = rng.normal(5, 1, 28, 28)
    net = net_of(attempt)
    together = logits_of(net, x)
    fail_if(not alike(logits_of(net, x), together), NOT_REGISTERED)
    alone = logits_of(net, x[1:2])
    if not alike(alone, together[1:2]):
        fail_if(adds_up_to_one(together, dim=0), SOFTMAX_ON_LOGITS)
        fail(MIXES_SAMPLES)


@pytest.mark.points(1)
def test_net_logits(attempt: Attempt, rng: Inputs) -> None:
    """Net ends in plain logits, bends between its layers, and all of its layers can learn.

    zh: Net 最后直接输出 logits，层与层之间是非线性的，每一层都能参与学习。
    """
    x = rng.normal(5, 1, 28, 28)
    net = net_of(attempt)
    for _ in range(2):
        state = random_state(attempt, net, rng)
        attempt.load_parameters(net, state)
        y = logits_of(net, x)
        fail_if(adds_up_to_one(y, dim=0) or adds_up_to_one(y, dim=1), SOFTMAX_ON_LOGITS)
        fail_if(adds_up_to_one(y.exp(), dim=0) or adds_up_to_one(y.exp(), dim=1), LOG_SOFTMAX_ON_LOGITS)
        fail_if(bool((y.abs() <= 1).all()) or bool((y >= 0).all()), ACTIVATION_ON_LOGITS)
    fail_if(not alike(logits_of(net_of(attempt, state=state), x), y), NOT_REGISTERED)
    a, b = x[:2].abs(), x[2:4].abs()  # a ReLU on the pixels themselves is no activation behind a layer
    linear = logits_of(net, a) + logits_of(net, b) - logits_of(net, torch.zeros_like(a))
    fail_if(alike(logits_of(net, a + b), linear), NO_ACTIVATION)
    found = attempt.gradients(net, x, upstream=rng.normal(5, CLASSES), module=net)
    fail_if(not found.connected or found.inputs[0] is None, GRAPH_CUT, Verdict.NO_GRADIENT)
    idle = [name for name, g in zip(state, found.parameters, strict=True) if g is None or not bool(g.any())]
    if idle:
        attempt.load_parameters(net, {name: state[name] + 1 for name in idle})
        fail_if(not alike(logits_of(net, x), y), GRAPH_CUT, Verdict.NO_GRADIENT)
        fail(LAYER_UNUSED)


# ---- the data


@pytest.mark.points(1)
def test_transform(attempt: Attempt, rng: Inputs, dataset: Data) -> None:
    """make_transform gives MNIST's pictures as tensors, normalised with 0.1307 and 0.3081.

    zh: make_transform 把 MNIST 的图片变成张量，并用 0.1307 和 0.3081 归一化。
    """
    images, _ = dataset.images("mnist", "test")
    chosen = rng.permutation(len(images))[:3]
    transform = attempt.make_transform()
    if not isinstance(transform, Remote):
        expect(type(transform).__name__, TRANSFORM).equals("Compose")
    mnist = imported(attempt, "torchvision.datasets", "MNIST")
    samples = attempt.keep(mnist, str(dataset("mnist")), train=False, transform=transform)
    loader = attempt.keep(
        attempt.library("torch.utils.data.DataLoader"), samples, batch_size=len(chosen), sampler=chosen.tolist()
    )
    signs = {
        NORMALISED_FIRST: r"should be Tensor Image|not supported for PIL|does not support PIL",
        THREE_CHANNELS: r"doesn't match the broadcast shape",
    }
    with explaining(signs):
        (batch,) = attempt.batches(loader)
    found, _ = expect(batch, PICTURE).items(2)
    scaled = images[chosen][:, None].float() / 255
    wrong = {
        NOT_NORMALISED: scaled,
        SWAPPED_NUMBERS: (scaled - STD) / MEAN,
        OTHER_STATISTICS: (scaled - 0.5) / 0.5,
        NOT_SCALED: (scaled * 255 - MEAN) / STD,
    }
    expect(found, PICTURE).close_to((scaled - MEAN) / STD, mistakes=wrong)


def imported(attempt: Attempt, module: str, name: str) -> Remote:
    """`name` of a module that is not among the libraries over there."""
    found: Remote = getattr(attempt.keep(attempt.library("builtins.__import__"), module, fromlist=[name]), name)
    return found


# ---- train and evaluate


LAYERS = (("Flatten",), ("Linear", PIXELS, HIDDEN), ("BatchNorm1d", HIDDEN), ("ReLU",), ("Linear", HIDDEN, CLASSES))


def unchanged(z: torch.Tensor) -> torch.Tensor:
    """What stands between model and loss: nothing."""
    return z


class Classifier:
    """A small classifier with random weights: one in the attempt process, one here."""

    def __init__(self, attempt: Attempt, rng: Inputs) -> None:
        self.here = nn.Sequential(*(getattr(nn, name)(*sizes) for name, *sizes in LAYERS))
        state = {}
        for name, value in self.here.state_dict().items():
            std = value.shape[-1] ** -0.5 if value.dim() > 1 else 0.2
            state[name] = rng.normal(*value.shape, std=std) if value.is_floating_point() else value
        # The statistics are far from those of any batch, so that the two modes give different classes.
        state["2.weight"] = rng.uniform(HIDDEN, low=0.5, high=2.0)
        state["2.running_mean"] = rng.normal(HIDDEN, std=2.0)
        state["2.running_var"] = rng.uniform(HIDDEN, low=0.3, high=3.0)
        self.here.load_state_dict(state)
        self.start = {name: value.clone() for name, value in self.here.state_dict().items()}
        layers = [attempt.keep(attempt.library(f"torch.nn.{name}"), *sizes) for name, *sizes in LAYERS]
        self.there = attempt.keep(attempt.library("torch.nn.Sequential"), *layers)
        self.last_layer = layers[-1]
        attempt.keep(self.there.load_state_dict, state)

    def logits(self, x: torch.Tensor, *, training: bool) -> torch.Tensor:
        """What it gives at the start, in one of the two modes."""
        self.here.load_state_dict(self.start)
        with torch.no_grad():
            return self.here.train(training)(x)

    def trained(
        self,
        batches: Batches,
        epochs: int,
        lr: float,
        *,
        momentum: float = MOMENTUM,
        training: bool = True,
        clear: bool = True,
        remade: int = 0,
        before: Step = unchanged,
        loss: Callable[..., torch.Tensor] = F.cross_entropy,
    ) -> torch.Tensor:
        """The last layer's weight after training here, from the start, with or without mistakes.

        The velocity is lost after every `remade` steps.
        """
        self.here.load_state_dict(self.start)
        self.here.train(training)
        parameters = list(self.here.parameters())
        gradients, velocities = [0.0] * len(parameters), [0.0] * len(parameters)
        for count, (x, y) in enumerate(batches * epochs):
            new = torch.autograd.grad(loss(before(self.here(x)), y), parameters)
            gradients = list(new) if clear else [old + g for old, g in zip(gradients, new, strict=True)]
            if remade and count % remade == 0:
                velocities = [0.0] * len(parameters)
            velocities = [momentum * v + g for v, g in zip(velocities, gradients, strict=True)]
            with torch.no_grad():
                for p, v in zip(parameters, velocities, strict=True):
                    p -= lr * v
        return parameters[-2].detach().clone()


def real_digits(dataset: Data, rng: Inputs) -> tuple[torch.Tensor, torch.Tensor]:
    """A few training pictures of MNIST, normalised, and their labels."""
    images, y = dataset.images("mnist", "train")
    chosen = rng.permutation(len(images))[:N]
    return ((images[chosen].float() / 255 - MEAN) / STD)[:, None], y[chosen]


def loader_of(attempt: Attempt, x: torch.Tensor, y: torch.Tensor) -> Remote:
    """A DataLoader in the attempt process, in order, whose last batch is smaller."""
    samples = attempt.keep(attempt.library("torch.utils.data.TensorDataset"), x, y)
    return attempt.keep(attempt.library("torch.utils.data.DataLoader"), samples, batch_size=BATCH)


def batches_of(x: torch.Tensor, y: torch.Tensor) -> Batches:
    """The batches that this loader gives."""
    return list(zip(x.split(BATCH), y.split(BATCH), strict=True))


def run_training(attempt: Attempt, model: Classifier, x: torch.Tensor, y: torch.Tensor, epochs: int, lr: float) -> Any:
    """What train returns for a model that comes in evaluation mode."""
    attempt.keep(model.there.eval)
    with explaining({FLOAT_LABELS: FLOAT_INDEX}):
        return attempt.train(model.there, loader_of(attempt, x, y), epochs, lr)


@pytest.mark.points(1)
def test_training_steps(attempt: Attempt, rng: Inputs, dataset: Data) -> None:
    """train makes one step of SGD with momentum 0.5 for each batch, in training mode.

    zh: train 在训练模式下，对每个批次用冲量为 0.5 的 SGD 更新一次。
    """
    model = Classifier(attempt, rng)
    x, y = real_digits(dataset, rng)
    lr, batches = 0.3, batches_of(x, y)
    run_training(attempt, model, x, y, EPOCHS, lr)
    found = {p.name: p.value for p in attempt.parameters(model.there)}
    right = model.trained(batches, EPOCHS, lr)
    weight = expect(found["4.weight"], WEIGHT).is_tensor()
    if not alike(weight, right):

        def trained(epochs: int = EPOCHS, rate: float = lr, **slip: Any) -> torch.Tensor:
            return model.trained(batches, epochs, rate, **slip)

        wrong = [
            (NEVER_STEPS, model.start["4.weight"]),
            (WRONG_EPOCHS, trained(EPOCHS - 1)),
            (WRONG_EPOCHS, trained(EPOCHS + 1)),
            (FIRST_BATCH_ONLY, model.trained(batches[:1], EPOCHS, lr)),
            (LR_IGNORED, trained(rate=0.001)),
            (LR_IGNORED, trained(rate=0.01)),
            (GRADIENTS_ACCUMULATE, trained(clear=False)),
            (NO_MOMENTUM, trained(momentum=0.0)),
            (OPTIMIZER_REMADE, trained(remade=len(batches))),
            (TRAINED_IN_EVAL_MODE, trained(training=False)),
            (SOFTMAX_BEFORE_LOSS, trained(before=partial(torch.softmax, dim=1))),
            (SUM_NOT_MEAN, trained(loss=partial(F.cross_entropy, reduction="sum"))),
            (NO_LOGARITHM, trained(loss=F.nll_loss)),
        ]
        recognise(weight, right, wrong, limit=1e-4)
    expect(weight, WEIGHT).close_to(right, rtol=1e-3, atol=1e-4)


def losses_of(model: Classifier, batches: Batches, *, training: bool = True, before: Step = unchanged) -> list[float]:
    """Each batch's loss at the start."""
    return [float(F.cross_entropy(before(model.logits(x, training=training)), y)) for x, y in batches]


def mean_over_samples(losses: list[float]) -> float:
    """The mean over all samples of the batches that have these losses."""
    sizes = [BATCH, BATCH, N - 2 * BATCH]
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / N


def off_by_one(total: float) -> list[float]:
    """The mean of N samples with this total if the total, or the count, is one too large or too small."""
    return [(total + 1) / N, (total - 1) / N, total / (N + 1), total / (N - 1)]


def recognise_number(actual: float, wrong: Sequence[tuple[Diagnosis, float]]) -> None:
    """Fail with the diagnosis of the first wrong number that `actual` is."""
    for diagnosis, value in wrong:
        fail_if(isclose(actual, value, rel_tol=1e-5, abs_tol=1e-9), diagnosis)


@pytest.mark.points(1)
def test_training_losses(attempt: Attempt, rng: Inputs, dataset: Data) -> None:
    """train returns the mean loss over the samples of each epoch, taken before the steps.

    zh: train 返回每个 epoch 中对样本的平均损失，取更新之前的值。
    """
    model = Classifier(attempt, rng)
    x, y = real_digits(dataset, rng)
    # With a learning rate of 0 the weights stay, and only the averaging is looked at.  The last batch is all wrong.
    y[-(N % BATCH) :] = model.logits(x[-(N % BATCH) :], training=True).argmin(dim=1)
    batches = batches_of(x, y)
    found = run_training(attempt, model, x, y, EPOCHS, 0.0)
    items = list(found) if isinstance(found, (list, tuple)) else [found]
    fail_if(any(isinstance(v, torch.Tensor) and v.requires_grad for v in items), GRAPH_KEPT)
    fail_if(len(items) == EPOCHS * len(batches), LOSS_PER_BATCH, Verdict.WRONG_SHAPE)
    fail_if(isinstance(found, (float, list, tuple)) and len(items) != EPOCHS, WRONG_EPOCHS, Verdict.WRONG_SHAPE)
    first, second = expect(found, LOSSES).numbers(EPOCHS).tolist()
    losses = losses_of(model, batches)
    right, last = mean_over_samples(losses), len(batches[-1][1])
    softmaxed = losses_of(model, batches, before=partial(torch.softmax, dim=1))
    in_eval = losses_of(model, batches, training=False)
    wrong = [
        (MEAN_OF_MEANS, sum(losses) / len(losses)),
        (BATCHES_SUMMED, sum(losses)),
        (SUM_NOT_MEAN, right * N),
        (DIVIDED_TWICE, sum(losses) / N),
        (SOFTMAX_BEFORE_LOSS, mean_over_samples(softmaxed)),
        (TRAINED_IN_EVAL_MODE, mean_over_samples(in_eval)),
        (FIRST_BATCH_ONLY, losses[0]),
        (LAST_BATCH_ONLY, losses[-1]),
        *((LAST_BATCH_ONLY, value) for value in (losses[-1] * last / N, right * N / last)),
        *((COUNT_OFF_BY_ONE, value) for value in off_by_one(right * N)),
    ]
    recognise_number(first, wrong)
    expect(first, EPOCH_LOSS).close_to(right, sizes={"N": N}, rtol=1e-4)
    fail_if(second > first * 1.2, TOTAL_NOT_RESET)
    expect(second, EPOCH_LOSS).close_to(right, rtol=1e-4)
    alone = Classifier(attempt, rng)
    before = float(F.cross_entropy(alone.logits(x[:BATCH], training=True), y[:BATCH]))
    only = expect(run_training(attempt, alone, x[:BATCH], y[:BATCH], 1, 0.3), LOSSES).numbers(1)
    fail_if(float(only) < before * 0.99, LOSS_AFTER_STEP)
    expect(float(only), EPOCH_LOSS).close_to(before, rtol=1e-4)


def watched(attempt: Attempt, layer: Remote) -> Remote:
    """A dictionary that will hold, at the key `layer`, what this layer was given last."""
    seen = attempt.keep(attempt.library("builtins.dict"))
    note = attempt.keep(imported(attempt, "functools", "partial"), attempt.library("operator.setitem"), seen)
    attempt.keep(layer.register_forward_pre_hook, note)
    return seen


def hits(model: Classifier, batches: Batches, *, training: bool) -> list[torch.Tensor]:
    """For each batch, which samples the model gets right at the start."""
    return [model.logits(x, training=training).argmax(dim=1) == y for x, y in batches]


def telling_batches(model: Classifier, rng: Inputs) -> Batches:
    """Batches of which the model gets nearly all right in evaluation mode, but fewer in training mode."""
    x = rng.normal(N, 1, 28, 28)
    miss = torch.zeros(N, dtype=torch.bool)
    miss[: rng.integer(2, 4)] = miss[-1] = True
    found = model.logits(x, training=False).argmax(dim=1)
    return batches_of(x, (found + miss * rng.integers(N, low=1, high=CLASSES)) % CLASSES)


@pytest.mark.points(1)
def test_evaluate(attempt: Attempt, rng: Inputs) -> None:
    """evaluate gives the share that is right, in evaluation mode and without a graph, and restores the mode.

    zh: evaluate 在评估模式下、不建计算图，返回正确的比例，并恢复模型原来的模式。
    """
    model = Classifier(attempt, rng)
    batches = telling_batches(model, rng)
    by_batch = hits(model, batches, training=False)
    right, last = sum(int(h.sum()) for h in by_batch), len(by_batch[-1])
    logits = [model.logits(x, training=False) for x, _ in batches]
    crossed = sum(int((z.argmax(1)[:, None] == y).sum()) for z, (_, y) in zip(logits, batches, strict=True))
    flat = sum(int((z.argmax() == y).sum()) for z, (_, y) in zip(logits, batches, strict=True))
    wrong = [
        (PERCENT, 100.0 * right / N),
        (COUNT_NOT_SHARE, right),
        (MEAN_OF_MEANS, sum(float(h.double().mean()) for h in by_batch) / len(by_batch)),
        (VALUE_NOT_CLASS, 0.0),
        (COLUMN_MEETS_ROW, crossed / N),
        (EVALUATED_IN_TRAINING_MODE, sum(int(h.sum()) for h in hits(model, batches, training=True)) / N),
        (FIRST_BATCH_ONLY, float(by_batch[0].double().mean())),
        (LAST_BATCH_ONLY, float(by_batch[-1].double().mean())),
        *((LAST_BATCH_ONLY, value) for value in (int(by_batch[-1].sum()) / N, right / last)),
        (ARGMAX_WRONG_DIM, flat / N),
        *((COUNT_OFF_BY_ONE, value) for value in off_by_one(right)),
    ]
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    loader, seen = loader_of(attempt, x, y), watched(attempt, model.last_layer)
    for training in (True, False):
        attempt.keep(model.there.train, training)
        with explaining({ARGMAX_WRONG_DIM: r"must match the size of tensor"}):
            found = attempt.evaluate(model.there, loader)
        recognise_number(expect(found, ACCURACY).number(), wrong)
        expect(found, ACCURACY).close_to(right / N, rtol=1e-5)
        fail_if(attempt.value(model.there.training) is not training, MODE_NOT_RESTORED)
    given = seen.get(model.last_layer)
    recorded = isinstance(given, tuple) and any(isinstance(v, torch.Tensor) and v.requires_grad for v in given)
    fail_if(recorded, GRAPH_RECORDED)
