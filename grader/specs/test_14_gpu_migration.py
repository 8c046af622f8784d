"""The hidden checks of exercise 14.

The run has a GPU, a real one or a simulated one.  `home` says where something is before the learner's code gets it,
`device` where it is wanted: both directions are tried, so that neither device can be written into the code.
"""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Iterator
from operator import truediv
from statistics import fmean
from typing import Any

import msgspec
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlex.kit import Attempt, CheckFailure, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail_if
from dlex.kit.measure import kind, place
from dlex.protocol.result import Finding

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
BOTH_WAYS = ((CPU, CUDA), (CUDA, CPU))  # home, device
FEATURES, HIDDEN, CLASSES, BATCH, STEP = 5, 4, 3, 4, {"lr": 0.3, "momentum": 0.9}

TYPE = Text(en="the type of the result", zh="返回值的类型")
LOSS = Text(en="the mean loss", zh="平均损失")
STATE = Text(en="a parameter or buffer afterwards", zh="之后的某个参数或缓冲区")
ACCURACY = Text(en="the accuracy", zh="准确率")

WRONG_CHOICE = Diagnosis(
    "wrong_choice",
    en="pick_device does not follow torch.cuda.is_available(): cuda where it says True, cpu where it says False.",
    zh="pick_device 没有按 torch.cuda.is_available() 的结果选择：为 True 时用 cuda，为 False 时用 cpu。",
)
RESULT_DISCARDED = Diagnosis(
    "result_discarded",
    en="A tensor's .to(device) returns a new tensor and leaves the old one where it is: keep what it returns.",
    zh="张量的 .to(device) 返回一个新张量，原来的留在原处：要把返回值接住。",
)
CUDA_CALLED = Diagnosis(
    "cuda_called",
    en="The CPU was asked for, and your code goes to the GPU: it names cuda itself instead of using what it was given.",
    zh="要求的是 CPU，你的代码却用了 GPU：设备要听从传进来的参数，不能在代码里写死 cuda。",
)
CONTAINER_CHANGED = Diagnosis(
    "container_changed",
    en="A container came back as another type or with other keys: a list stays a list, a tuple a tuple, a dict a dict.",
    zh="容器的类型或键变了：列表仍应是列表，元组仍是元组，字典仍是有同样键的字典。",
)
CONTAINER_SKIPPED = Diagnosis(
    "container_skipped",
    en="A tensor inside a container was not moved: each item of a list, tuple or dict may be a container again.",
    zh="容器里的张量没有迁移：列表、元组、字典的每一项本身也可能是容器。",
)
OTHERS_TOUCHED = Diagnosis(
    "others_touched",
    en="A batch may also hold texts, numbers and None, which cannot be moved: leave anything but a tensor as it is.",
    zh="批次里也可能有字符串、数和 None，它们无法迁移：不是张量的内容应原样返回。",
)
CHANGED_IN_PLACE = Diagnosis(
    "changed_in_place",
    en="move_batch writes into the list or dict that it was given; the caller still has it. Build a new one.",
    zh="move_batch 改动了传进来的列表或字典，而调用者还要使用它：请新建一个容器。",
)
NUMPY_ON_DEVICE = Diagnosis(
    "numpy_on_device",
    en="numpy works in the CPU's memory, and this tensor is on the GPU: bring it back first.",
    zh="numpy 只能读取 CPU 内存，而这个张量在 GPU 上：要先把它取回 CPU。",
)
NUMPY_WITH_GRADIENT = Diagnosis(
    "numpy_with_gradient",
    en="numpy keeps no graph, so a tensor that requires a gradient is refused: take it out of the graph first.",
    zh="numpy 不记录计算图，需要梯度的张量会被拒绝：要先让它脱离计算图。",
)
HIDDEN_LEFT_BEHIND = Diagnosis(
    "hidden_left_behind",
    en="The zeros of the hidden state are made on the CPU while x is on the GPU: make them where x is.",
    zh="隐藏状态的零张量建在了 CPU 上，而 x 在 GPU 上：应在 x 所在的设备上创建。",
)
MODEL_LEFT_BEHIND = Diagnosis(
    "model_left_behind",
    en="The model is not on the device: its parameters and buffers stay where they were made until they are moved.",
    zh="模型不在指定的设备上：参数和缓冲区创建在哪里就留在哪里，需要迁移模型。",
)
BATCH_LEFT_BEHIND = Diagnosis(
    "batch_left_behind",
    en="Not all of the batch is on the device: the loader gives CPU tensors, and a tensor's .to makes a new one.",
    zh="批次没有全部迁移到设备上：加载器给出的输入和标签都在 CPU 上，而张量的 .to 返回的是新张量。",
)
COUNTER_LEFT_BEHIND = Diagnosis(
    "counter_left_behind",
    en="What you add up is on the GPU, the tensor that you add it to is on the CPU: add up plain numbers instead.",
    zh="要累加的值在 GPU 上，累加用的张量却在 CPU 上：请取出数值，用普通的数来累加。",
)
MODEL_NOT_TRAINED = Diagnosis(
    "model_not_trained",
    en="The model that was passed in has not learned: no step was taken, or it was taken for a copy on the device.",
    zh="传进来的模型没有学到东西：没有更新参数，或者更新的是设备上的一个副本。",
)
MEAN_OF_MEANS = Diagnosis(
    "mean_of_means",
    en="Each batch counts the same in your mean, and the last one is smaller: weigh each by its number of samples.",
    zh="你的平均把每个批次同等看待，而最后一个批次较小：应按各批次的样本数加权。",
)
STILL_A_TENSOR = Diagnosis(
    "still_a_tensor",
    en="A tensor came back, and with it the GPU's memory and perhaps a graph: take the number out of it.",
    zh="返回的还是张量，它占着 GPU 内存，还可能带着计算图：请取出其中的数值。",
)
GRADIENTS_KEPT = Diagnosis(
    "gradients_kept",
    en="The gradients of earlier batches are still there when backward() adds the new ones: clear them for each batch.",
    zh="backward() 累加新梯度时，之前批次的梯度还在：每个批次都要先清零。",
)
WRONG_MODE = Diagnosis(
    "wrong_mode",
    en="The model is in the wrong mode: train needs the training mode, test the evaluation mode, whichever it was in.",
    zh="模型的模式不对：不论原来是什么模式，train 要用训练模式，test 要用评估模式。",
)
GRAPH_RECORDED = Diagnosis(
    "graph_recorded",
    en="A graph is recorded while testing; nobody calls backward(), so it only takes the GPU's memory.",
    zh="测试时记录了计算图；没有人会调用 backward()，它只是白白占用 GPU 内存。",
)
ONE_BATCH = Diagnosis(
    "one_batch",
    en="Only one batch counts: the loop ends too early, or `=` replaces what `+=` should add to.",
    zh="只算进了一个批次：循环结束得太早，或者该用 `+=` 的地方用了 `=`。",
)
WRONG_QUOTIENT = Diagnosis(
    "wrong_quotient",
    en="This is not the sum over all samples divided by their number: a sum alone, a percentage, a wrong count?",
    zh="这不是“全部样本之和除以样本数”：是不是只有总和、用了百分数，或者个数数错了？",
)
WRONG_CLASS = Diagnosis(
    "wrong_class",
    en="What is counted is something else: a sample is right if the index of its largest logit equals its target.",
    zh="数的不是答对的样本：每个样本最大 logit 的下标等于标签，才算答对。",
)


def check_place(value: object, device: torch.device, left_behind: Diagnosis) -> None:
    """Fail unless a tensor was on `device`."""
    fail_if(device == CPU and place(value) == "cuda", CUDA_CALLED, Verdict.WRONG_DEVICE)
    fail_if(place(value) != device.type, left_behind, Verdict.WRONG_DEVICE)


def at(attempt: Attempt, home: torch.device) -> Callable[..., Any]:
    """Calls what is given to it with tensors that are at `home`, and leaves a module there."""
    return attempt.on_host if home == CPU else lambda function, *args, **options: function(*args, **options)


@contextlib.contextmanager
def naming(diagnose: Callable[[Finding], Diagnosis]) -> Iterator[None]:
    """Name the misconception behind an exception about devices, whose line the learner reads anyway."""
    try:
        yield
    except CheckFailure as failure:
        found = failure.finding
        if found.verdict is not Verdict.WRONG_DEVICE or found.diagnosis:
            raise
        named = diagnose(found)
        raise CheckFailure(msgspec.structs.replace(found, diagnosis=named.id, explanation=named.text)) from None


def lambda_of(attempt: Attempt, source: str) -> Remote:
    """A function of our own over there."""
    return attempt.keep(attempt.library("builtins.eval"), f"lambda {source}")


# ---- pick_device, move_batch, to_numpy and Net

NO_GPU = {("cuda", "is_available"): False, ("cuda", "device_count"): 0, ("accelerator", "is_available"): False}


def chosen_without_gpu(attempt: Attempt) -> object:
    """What pick_device says while torch says that it has no GPU; the file may have asked when it was imported."""
    put, get, home = (attempt.library(name) for name in ("builtins.setattr", "builtins.getattr", "torch"))
    own = {(module, name): attempt.keep(get, getattr(home, module), name) for module, name in NO_GPU}
    for (module, name), answer in NO_GPU.items():
        put(getattr(home, module), name, lambda_of(attempt, f"*args, **options: {answer}"))
    try:
        found = attempt.pick_device()
        if found != CPU:
            with contextlib.suppress(CheckFailure):
                names = attempt.keep(attempt.library("builtins.dict"), __name__="attempt")
                attempt.may_mutate(attempt.library("builtins.exec"), attempt.source.text, names)
                found = attempt.keep(attempt.library("operator.getitem"), names, "pick_device")()
    finally:
        with contextlib.suppress(CheckFailure):  # the process may have ended, and the next one is as it should be
            for (module, name), function in own.items():
                put(getattr(home, module), name, function)
    return found


@pytest.mark.points(1)
@pytest.mark.public
def test_pick_device(attempt: Attempt) -> None:
    """pick_device chooses cuda where there is a GPU, and the CPU where there is none.

    zh: 有 GPU 时 pick_device 选择 cuda，没有时选择 CPU。
    """
    for found, wanted in ((attempt.pick_device(), CUDA), (chosen_without_gpu(attempt), CPU)):
        expect(kind(found), TYPE).equals("device")
        fail_if(str(found).removesuffix(":0") != wanted.type, WRONG_CHOICE)


def check_moved(found: Any, sent: Any, device: torch.device, left_behind: Diagnosis) -> None:
    """Fail unless `found` is `sent` with its tensors on `device`."""
    if isinstance(sent, torch.Tensor):
        expect(found, "move_batch(batch, device)").is_tensor()
        check_place(found, device, left_behind)
        expect(found, "move_batch(batch, device)").close_to(sent)
    elif isinstance(sent, (list, tuple, dict)):
        same = type(found) is type(sent) and len(found) == len(sent)
        fail_if(not same or (isinstance(sent, dict) and list(found) != list(sent)), CONTAINER_CHANGED)
        for key in sent if isinstance(sent, dict) else range(len(sent)):
            check_moved(found[key], sent[key], device, left_behind)
    else:
        fail_if(type(found) is not type(sent) or found != sent, OTHERS_TOUCHED)


MOVE_ERRORS = {
    CONTAINER_SKIPPED: r"'(list|tuple|dict)' object has no attribute '(to|cuda)'",
    OTHERS_TOUCHED: r"'(str|int|float|bool|NoneType)' object has no attribute '(to|cuda)'"
    r"|'(int|float|bool|NoneType)' object is not iterable|RecursionError",
    CHANGED_IN_PLACE: r"'tuple' object does not support item assignment",
}


def check_moves(attempt: Attempt, batches: tuple[Any, ...], left_behind: Diagnosis) -> None:
    """Fail unless move_batch brings each of these batches to the GPU and back."""
    for home, device in BOTH_WAYS:
        for sent in batches:
            with explaining(MOVE_ERRORS):
                found = at(attempt, home)(attempt.move_batch, sent, device)
            check_moved(found, sent, device, left_behind)


@pytest.mark.points(1)
@pytest.mark.public
def test_move_batch(attempt: Attempt, rng: Inputs) -> None:
    """move_batch brings a tensor, or a pair of them, to the GPU and back to the CPU.

    zh: move_batch 把一个张量或一对张量迁移到 GPU，也能迁移回 CPU。
    """
    inputs, target = rng.normal(3, 2, 5), rng.integers(3, high=4)
    check_moves(attempt, (inputs, target, (inputs, target), [inputs, target]), RESULT_DISCARDED)


@pytest.mark.points(1)
def test_move_nested(attempt: Attempt, rng: Inputs) -> None:
    """Containers inside containers keep their form; what is no tensor stays as it is, and so does the caller's batch.

    zh: 嵌套的容器保持原来的形式；不是张量的内容不变，调用者手里的批次也不变。
    """
    first, second, third = rng.normal(2, 3), rng.normal(4, dtype=torch.float64), rng.integers(3, high=9)
    nested = {"image": first, 7: (second, [third, (first,)]), "name": "cat", "size": 2.5, "note": None, "ok": [True]}
    check_moves(attempt, ([first, [second, third]], (first, {"a": second}), nested, [], {}), CONTAINER_SKIPPED)
    for name, batch, key in (("list", [first], 0), ("dict", {"x": first}, "x")):
        kept = attempt.keep(attempt.library(f"builtins.{name}"), batch)
        attempt.move_batch(kept, CPU)
        item = attempt.keep(attempt.library("operator.getitem"), kept, key)
        fail_if(attempt.value(item.is_cuda) is not True, CHANGED_IN_PLACE, Verdict.INPUT_MUTATED)


@pytest.mark.points(1)
@pytest.mark.public
def test_to_numpy(attempt: Attempt, rng: Inputs) -> None:
    """to_numpy gives the array of any tensor, from either device, with a gradient or without.

    zh: 不论张量在哪个设备上、是否需要梯度，to_numpy 都给出对应的数组。
    """
    plain, leaf = rng.normal(3, 2), rng.normal(2, 5, dtype=torch.float64).requires_grad_()
    some = (plain, leaf, rng.normal(), rng.integers(4, high=9))
    cases = [(home, sent, sent) for home in (CUDA, CPU) for sent in some]
    cases.append((CUDA, attempt.keep(attempt.library("torch.neg"), leaf), -leaf))  # in the midst of a graph
    for home, sent, wanted in cases:
        with naming(lambda finding: NUMPY_ON_DEVICE), explaining({NUMPY_WITH_GRADIENT: r"requires grad|leaf"}):
            found = at(attempt, home)(attempt.to_numpy, sent)
        expect(found, "to_numpy(tensor)").close_to(wanted.detach().numpy())
        expect(kind(found), TYPE).equals("ndarray")
        expect(torch.from_numpy(found), "to_numpy(tensor)").close_to(wanted)


@pytest.mark.points(1)
def test_init_hidden(attempt: Attempt, rng: Inputs) -> None:
    """Net makes its first hidden state where x is, in the dtype of x, and runs on either device.

    zh: Net 的初始隐藏状态建在 x 所在的设备上，dtype 与 x 相同，模型在两种设备上都能运行。
    """
    for home, n, dtype in ((CUDA, 3, torch.float32), (CPU, 1, torch.float32), (CUDA, 2, torch.float64)):
        call, x = at(attempt, home), rng.normal(n, 4, 5, dtype=dtype)
        net = call(attempt.Net, 5, hidden_size=7, classes=6)
        if dtype == torch.float64:
            call(net.double)
        hidden = call(net.init_hidden, x)
        expect(hidden, "init_hidden(x)").is_tensor()
        check_place(hidden, home, HIDDEN_LEFT_BEHIND)
        expect(hidden, "init_hidden(x)").close_to(torch.zeros(n, 7, dtype=dtype))
        expect(call(net, x), Text(en="the output of Net", zh="Net 的输出")).has_shape(n, 6)


# ---- train and test


class Setting:
    """A model at `home`, whose batch normalisation tells the modes apart, its twin here, and a loader on the CPU.

    `seen` notes at each call of the model where its inputs are and whether a graph is recorded.
    """

    def __init__(self, attempt: Attempt, rng: Inputs, n: int, home: torch.device = CPU) -> None:
        self.attempt = attempt
        self.x, self.y = rng.normal(n, FEATURES, dtype=torch.float64), rng.permutation(n) % CLASSES
        self.twin = nn.Sequential(nn.Linear(FEATURES, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.Linear(HIDDEN, CLASSES))
        weights = {name: rng.normal(*p.shape, dtype=torch.float64) for name, p in self.twin.named_parameters()}
        self.twin.double().load_state_dict(weights, strict=False)

        def make(name: str, *args: Any) -> Remote:
            return at(attempt, home)(attempt.library(f"torch.nn.{name}"), *args)

        layers = make("Linear", FEATURES, HIDDEN), make("BatchNorm1d", HIDDEN), make("Linear", HIDDEN, CLASSES)
        self.model = make("Sequential", *layers)
        at(attempt, home)(self.model.double)
        attempt.load_parameters(self.model, weights)
        self.seen = attempt.keep(attempt.library("builtins.list"))
        note = "lambda model, given, output: seen.append(([x.device.type for x in given], output.requires_grad))"
        self.model.register_forward_hook(lambda_of(attempt, f"seen: {note}")(self.seen))

    def train(self, device: torch.device) -> Any:
        """One epoch by the learner's code, from the evaluation mode."""
        make = self.attempt.keep
        self.attempt.on_host(self.model.eval)
        criterion = make(self.attempt.library("torch.nn.CrossEntropyLoss"))
        optimizer = make(self.attempt.library("torch.optim.SGD"), make(self.model.parameters), **STEP)
        return self._run(self.attempt.train, criterion, optimizer, device)

    def test(self, device: torch.device) -> Any:
        """The accuracy by the learner's code, from the training mode."""
        with explaining({WRONG_MODE: "Expected more than 1 value per channel"}):  # the last batch is one sample
            return self._run(self.attempt.test, device)

    def _run(self, function: Remote, *args: Any) -> Any:
        data, device = self.attempt.library("torch.utils.data"), args[-1]
        samples = self.attempt.on_host(data.TensorDataset, self.x, self.y)
        loader = self.attempt.keep(data.DataLoader, samples, batch_size=BATCH)

        def diagnose(finding: Finding) -> Diagnosis:
            if device == CPU:
                return CUDA_CALLED
            if any(place(p.value) == "cpu" for p in self.attempt.parameters(self.model)):
                return MODEL_LEFT_BEHIND
            line = finding.traceback[-1].code if finding.traceback else ""
            said = finding.raised.message if finding.raised else ""
            counts = "+=" in line and ("add" in said or "==" not in line)
            return COUNTER_LEFT_BEHIND if counts else BATCH_LEFT_BEHIND

        with naming(diagnose):
            return function(self.model, loader, *args)

    def check_place(self, device: torch.device) -> None:
        """Fail unless the model is on the device, and all it has seen was there too."""
        worked = [where for given, _ in self.attempt.value(self.seen) for where in given]
        for value in self.attempt.state(self.model).values():
            copied = place(value) != device.type and set(worked) == {device.type}
            fail_if(copied, MODEL_NOT_TRAINED, Verdict.WRONG_DEVICE)
            check_place(value, device, MODEL_LEFT_BEHIND)

    def right(self) -> list[float]:
        """How many samples of each batch the twin gets right."""
        return [float(hits.sum()) for hits in (self.twin(self.x).argmax(dim=1) == self.y).split(BATCH)]

    def epoch(self, *, training: bool = True, clear: bool = True, update: bool = True) -> tuple[list[float], nn.Module]:
        """The sum of the losses of each batch, and the model afterwards, by the judge's own loop."""
        model = copy.deepcopy(self.twin).train(training)
        velocities, losses = [torch.zeros_like(p) for p in model.parameters()], []
        for x, y in zip(self.x.split(BATCH), self.y.split(BATCH), strict=True):
            loss = F.cross_entropy(model(x), y)
            if clear:
                model.zero_grad()
            loss.backward()
            with torch.no_grad():
                for p, velocity in zip(model.parameters(), velocities, strict=True):
                    p -= update * STEP["lr"] * velocity.mul_(STEP["momentum"]).add_(p.grad)
            losses.append(loss.item() * len(y))
        return losses, model


def check_mean(found: object, what: Text, sums: list[float], others: list[tuple[Diagnosis, float]]) -> None:
    """Fail unless `found` is the mean over the samples, and a number; `sums` are the sums over each batch."""
    fail_if(isinstance(found, torch.Tensor), STILL_A_TENSOR)
    number, total, sizes = expect(found, what).number(), sum(sums), (4, 4, 2 if what is LOSS else 1)
    n, means = sum(sizes), [batch / size for batch, size in zip(sums, sizes, strict=True)]
    slips = {
        MEAN_OF_MEANS: (fmean(means), sum(means), sum(means) / n, sum(map(truediv, means, sizes)) / n),
        WRONG_QUOTIENT: (total, total * n, total / 3, 100 * total / n, n / total, n, 1, 0, (total + 1) / n,
                         (total - 1) / n, total / (n + 1), total / (n - 1)),
        ONE_BATCH: (means[0], means[-1], sums[0] / n, sums[-1] / n, total / sizes[-1]),
    }  # fmt: skip
    if not math.isclose(number, total / n, rel_tol=1e-6):
        for diagnosis, wrong in [*others, *((d, value) for d, values in slips.items() for value in values)]:
            fail_if(math.isclose(number, wrong, rel_tol=1e-6), diagnosis)
    expect(number, what).close_to(total / n, rtol=1e-6)


SLIPS = {GRADIENTS_KEPT: {"clear": False}, WRONG_MODE: {"training": False}, MODEL_NOT_TRAINED: {"update": False}}


@pytest.mark.points(1)
@pytest.mark.public
def test_train_device(attempt: Attempt, rng: Inputs) -> None:
    """train works on the device that it is given, wherever the model was.

    zh: 不论模型原来在哪里，train 都在指定的设备上训练。
    """
    for home, device in BOTH_WAYS:
        setting = Setting(attempt, rng, 10, home)
        setting.train(device)
        setting.check_place(device)


@pytest.mark.points(1)
def test_train_loss(attempt: Attempt, rng: Inputs) -> None:
    """train returns the mean loss per sample, though the last batch is smaller.

    zh: 最后一个批次较小时，train 返回的仍是每个样本的平均损失。
    """
    setting = Setting(attempt, rng, 10)
    slips = [(diagnosis, sum(setting.epoch(**slip)[0]) / 10) for diagnosis, slip in SLIPS.items()]
    check_mean(setting.train(CUDA), LOSS, setting.epoch()[0], slips)


@pytest.mark.points(1)
def test_train_updates(attempt: Attempt, rng: Inputs) -> None:
    """After the epoch the model's parameters and buffers are those of the optimizer that was passed in.

    zh: 一轮之后，模型的参数和缓冲区正是传入的优化器应得到的结果。
    """
    setting = Setting(attempt, rng, 10)
    setting.train(CUDA)
    found = attempt.state(setting.model)
    wrong = {diagnosis: setting.epoch(**slip)[1].state_dict() for diagnosis, slip in SLIPS.items()}
    for name, wanted in setting.epoch()[1].state_dict().items():
        mistakes = {diagnosis: state[name] for diagnosis, state in wrong.items()}
        expect(found.get(name), STATE).close_to(wanted, mistakes=mistakes)


def graded_setting(attempt: Attempt, rng: Inputs, home: torch.device = CPU) -> Setting:
    """Nine samples in batches of 4, 4 and 1, some of which the model gets right."""
    setting = Setting(attempt, rng, 9, home)
    best = setting.twin.eval()(setting.x).argmax(dim=1)
    right = torch.cat([rng.permutation(8) < rng.integer(2, 7), torch.tensor([rng.integer(0, 2) == 1])])
    setting.y = torch.where(right, best, (best + 1) % CLASSES)
    return setting


@pytest.mark.points(1)
def test_accuracy(attempt: Attempt, rng: Inputs) -> None:
    """test gives the share of right answers, on the device that it is given.

    zh: test 在指定的设备上算出答对的比例。
    """
    for home, device in BOTH_WAYS:
        setting = graded_setting(attempt, rng, home)
        found, right = setting.test(device), setting.right()
        setting.check_place(device)
        least = setting.twin(setting.x).argmin(dim=1) == setting.y
        wrong = [(WRONG_CLASS, count / 9) for count in (9 - sum(right), int(least.sum()))]
        check_mean(found, ACCURACY, right, wrong)


@pytest.mark.points(1)
def test_evaluation(attempt: Attempt, rng: Inputs) -> None:
    """test evaluates: no graph is recorded, and the model keeps its parameters and buffers.

    zh: test 只做评估：不记录计算图，模型的参数和缓冲区保持不变。
    """
    setting = graded_setting(attempt, rng)
    found, seen, state = setting.test(CUDA), attempt.value(setting.seen), attempt.state(setting.model)
    if not seen:  # model.forward(x) is not seen, and a result without the model is none
        check_mean(found, ACCURACY, setting.right(), [])
    fail_if(any(graph for _, graph in seen), GRAPH_RECORDED)
    for name, wanted in setting.twin.state_dict().items():
        expect(state.get(name), STATE).close_to(wanted)
    trains = [p.value.requires_grad for p in attempt.parameters(setting.model)]
    trains.append(attempt.library("torch.is_grad_enabled")())
    expect(all(trains), Text(en="whether gradients are recorded afterwards", zh="之后是否记录梯度")).equals(True)
