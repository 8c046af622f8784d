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

from dlex.kit import (
    Attempt,
    CheckFailure,
    Diagnosis,
    Inputs,
    Remote,
    Text,
    Verdict,
    diagnoses,
    expect,
    explaining,
    fail_if,
)
from dlex.kit.measure import kind, place
from dlex.protocol.result import Finding

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
BOTH_WAYS = ((CPU, CUDA), (CUDA, CPU))  # home, device
FEATURES, HIDDEN, CLASSES, BATCH, STEP = 5, 4, 3, 4, {"lr": 0.3, "momentum": 0.9}

TYPE = Text(en="the type of the result", zh="返回值的类型")
LOSS = Text(en="the mean loss", zh="平均损失")
STATE = Text(en="a parameter or buffer afterwards", zh="之后的某个参数或缓冲区")
ACCURACY = Text(en="the accuracy", zh="准确率")

D = diagnoses(__file__)


def check_place(value: object, device: torch.device, left_behind: Diagnosis) -> None:
    """Fail unless a tensor was on `device`."""
    fail_if(device == CPU and place(value) == "cuda", D.cuda_called, Verdict.WRONG_DEVICE)
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
        fail_if(str(found).removesuffix(":0") != wanted.type, D.wrong_choice)


def check_moved(found: Any, sent: Any, device: torch.device, left_behind: Diagnosis) -> None:
    """Fail unless `found` is `sent` with its tensors on `device`."""
    if isinstance(sent, torch.Tensor):
        expect(found, "move_batch(batch, device)").is_tensor()
        check_place(found, device, left_behind)
        expect(found, "move_batch(batch, device)").close_to(sent)
    elif isinstance(sent, (list, tuple, dict)):
        same = type(found) is type(sent) and len(found) == len(sent)
        fail_if(not same or (isinstance(sent, dict) and list(found) != list(sent)), D.container_changed)
        for key in sent if isinstance(sent, dict) else range(len(sent)):
            check_moved(found[key], sent[key], device, left_behind)
    else:
        fail_if(type(found) is not type(sent) or found != sent, D.others_touched)


MOVE_ERRORS = {
    D.container_skipped: r"'(list|tuple|dict)' object has no attribute '(to|cuda)'",
    D.others_touched: r"'(str|int|float|bool|NoneType)' object has no attribute '(to|cuda)'"
    r"|'(int|float|bool|NoneType)' object is not iterable|RecursionError",
    D.changed_in_place: r"'tuple' object does not support item assignment",
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
    check_moves(attempt, (inputs, target, (inputs, target), [inputs, target]), D.result_discarded)


@pytest.mark.points(1)
def test_move_nested(attempt: Attempt, rng: Inputs) -> None:
    """Containers inside containers keep their form; what is no tensor stays as it is, and so does the caller's batch.

    zh: 嵌套的容器保持原来的形式；不是张量的内容不变，调用者手里的批次也不变。
    """
    first, second, third = rng.normal(2, 3), rng.normal(4, dtype=torch.float64), rng.integers(3, high=9)
    nested = {"image": first, 7: (second, [third, (first,)]), "name": "cat", "size": 2.5, "note": None, "ok": [True]}
    check_moves(attempt, ([first, [second, third]], (first, {"a": second}), nested, [], {}), D.container_skipped)
    for name, batch, key in (("list", [first], 0), ("dict", {"x": first}, "x")):
        kept = attempt.keep(attempt.library(f"builtins.{name}"), batch)
        attempt.move_batch(kept, CPU)
        item = attempt.keep(attempt.library("operator.getitem"), kept, key)
        fail_if(attempt.value(item.is_cuda) is not True, D.changed_in_place, Verdict.INPUT_MUTATED)


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
        with naming(lambda finding: D.numpy_on_device), explaining({D.numpy_with_gradient: r"requires grad|leaf"}):
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
        check_place(hidden, home, D.hidden_left_behind)
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
        with explaining({D.wrong_mode: "Expected more than 1 value per channel"}):  # the last batch is one sample
            return self._run(self.attempt.test, device)

    def _run(self, function: Remote, *args: Any) -> Any:
        data, device = self.attempt.library("torch.utils.data"), args[-1]
        samples = self.attempt.on_host(data.TensorDataset, self.x, self.y)
        loader = self.attempt.keep(data.DataLoader, samples, batch_size=BATCH)

        def diagnose(finding: Finding) -> Diagnosis:
            if device == CPU:
                return D.cuda_called
            if any(place(p.value) == "cpu" for p in self.attempt.parameters(self.model)):
                return D.model_left_behind
            line = finding.traceback[-1].code if finding.traceback else ""
            said = finding.raised.message if finding.raised else ""
            counts = "+=" in line and ("add" in said or "==" not in line)
            return D.counter_left_behind if counts else D.batch_left_behind

        with naming(diagnose):
            return function(self.model, loader, *args)

    def check_place(self, device: torch.device) -> None:
        """Fail unless the model is on the device, and all it has seen was there too."""
        worked = [where for given, _ in self.attempt.value(self.seen) for where in given]
        for value in self.attempt.state(self.model).values():
            copied = place(value) != device.type and set(worked) == {device.type}
            fail_if(copied, D.model_not_trained, Verdict.WRONG_DEVICE)
            check_place(value, device, D.model_left_behind)

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
    fail_if(isinstance(found, torch.Tensor), D.still_a_tensor)
    number, total, sizes = expect(found, what).number(), sum(sums), (4, 4, 2 if what is LOSS else 1)
    n, means = sum(sizes), [batch / size for batch, size in zip(sums, sizes, strict=True)]
    slips = {
        D.mean_of_means: (fmean(means), sum(means), sum(means) / n, sum(map(truediv, means, sizes)) / n),
        D.wrong_quotient: (total, total * n, total / 3, 100 * total / n, n / total, n, 1, 0, (total + 1) / n,
                         (total - 1) / n, total / (n + 1), total / (n - 1)),
        D.one_batch: (means[0], means[-1], sums[0] / n, sums[-1] / n, total / sizes[-1]),
    }  # fmt: skip
    if not math.isclose(number, total / n, rel_tol=1e-6):
        for diagnosis, wrong in [*others, *((d, value) for d, values in slips.items() for value in values)]:
            fail_if(math.isclose(number, wrong, rel_tol=1e-6), diagnosis)
    expect(number, what).close_to(total / n, rtol=1e-6)


SLIPS = {D.gradients_kept: {"clear": False}, D.wrong_mode: {"training": False}, D.model_not_trained: {"update": False}}


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
        wrong = [(D.wrong_class, count / 9) for count in (9 - sum(right), int(least.sum()))]
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
    fail_if(any(graph for _, graph in seen), D.graph_recorded)
    for name, wanted in setting.twin.state_dict().items():
        expect(state.get(name), STATE).close_to(wanted)
    trains = [p.value.requires_grad for p in attempt.parameters(setting.model)]
    trains.append(attempt.library("torch.is_grad_enabled")())
    expect(all(trains), Text(en="whether gradients are recorded afterwards", zh="之后是否记录梯度")).equals(True)
