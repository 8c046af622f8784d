"""The hidden checks of exercise 15.

The same network is trained in the attempt process, with breaks, and in the judge, without any.  What is in a file is
told from its bytes, since nothing from an attempt is unpickled here.
"""

from __future__ import annotations

import ast
import copy
import io
import types
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

import pytest
import torch

from dlex.kit import Attempt, CheckFailure, Diagnosis, Inputs, Remote, Text, Verdict, expect, explaining, fail, fail_if

EPOCH = Text(en="what load_checkpoint returns", zh="load_checkpoint 的返回值")
LOSSES = Text(en="the list of losses that train returns", zh="train 返回的损失列表")
LATER = Text(en="the list of losses after the break", zh="断点之后的损失列表")
DONE = Text(en="the list of losses when all epochs are done", zh="所有 epoch 都已完成时的损失列表")
KIND = Text(en="the type of the snapshot", zh="快照的类型")
NAMES = Text(en="the list of names", zh="名字的列表")
STEPS = Text(en="the list of logged steps", zh="写入日志的步数列表")
LOGGED = Text(en="the list of logged losses", zh="写入日志的损失列表")
DRAWN = Text(en="what torch.rand draws", zh="torch.rand 抽取的随机数")
RATE = Text(en="the learning rate after loading", zh="加载之后的学习率")

BY_REFERENCE = Diagnosis(
    "by_reference",
    en="Training the model changed the snapshot: state_dict() hands out the very tensors that training overwrites.",
    zh="模型继续训练后快照也变了：state_dict() 给出的正是训练时会被原地改写的那些张量。",
)
BUFFERS_LOST = Diagnosis(
    "buffers_lost",
    en="The buffers are missing, such as the running mean of batch normalisation: parameters() does not list them.",
    zh="缺少缓冲区（如批量归一化的滑动平均）：parameters() 不包含它们。",
)
NOTHING_AT_PATH = Diagnosis(
    "nothing_at_path",
    en="After save_checkpoint there is no file at `path` itself.",
    zh="save_checkpoint 之后，`path` 处没有文件。",
)
WRONG_PART = Diagnosis(
    "wrong_part",
    en="A part of the checkpoint is not what its owner expects: are two under one name, exchanged, or is one missing?",
    zh="检查点中有一部分不是接收者所要的：是不是两样东西用了同一个键，或者弄混了，或者漏了一样？",
)
MODEL_NOT_LOADED = Diagnosis(
    "model_not_loaded",
    en="The caller's model is as it was: assigning to the name `model` changes nothing outside of the function.",
    zh="调用者的模型没有变化：给变量名 `model` 重新赋值，不会影响函数外面的模型。",
)
EPOCH_OFF_BY_ONE = Diagnosis(
    "epoch_off_by_one",
    en="The epoch comes back changed by one: return the number that was saved.",
    zh="取回的 epoch 差了 1：应当返回保存时的那个数。",
)
RETURNS_OTHER = Diagnosis(
    "returns_other",
    en="load_checkpoint returns the epoch, and that alone: the model and the optimizer were changed in place.",
    zh="load_checkpoint 应返回 epoch，而且只返回 epoch：模型和优化器已经就地恢复。",
)
WHOLE_OBJECT = Diagnosis(
    "whole_object",
    en="The file holds a whole model or optimizer as a pickled object: save the state_dict() of each.",
    zh="文件里保存的是整个模型或优化器对象（pickle）：应当保存它们各自的 state_dict()。",
)
NOT_PLAIN = Diagnosis(
    "not_plain",
    en="The file holds something that weights_only=True refuses: keep to tensors, numbers, strings, lists and dicts.",
    zh="文件里有 weights_only=True 拒绝读取的内容：只能保存张量、数、字符串、列表和字典。",
)
UNSAFE_LOAD = Diagnosis(
    "unsafe_load",
    en="weights_only=False runs whatever code a file brings along, and a plain checkpoint does not need it.",
    zh="weights_only=False 会执行文件中携带的任意代码，而普通的检查点并不需要它。",
)
OPTIMIZER_NOT_SAVED = Diagnosis(
    "optimizer_not_saved",
    en="The optimizer's state is not in the file: without its momentum the next step goes another way.",
    zh="文件里没有优化器的状态：丢了动量，下一步更新就不同了。",
)
OPTIMIZER_NOT_LOADED = Diagnosis(
    "optimizer_not_loaded",
    en="The caller's optimizer did not get the state that the saved one had: its momentum is gone.",
    zh="调用者的优化器没有得到保存时的状态，动量丢了。",
)
LEARNING_RATE_LOST = Diagnosis(
    "learning_rate_lost",
    en="The learning rate is that of the new optimizer: a schedule had changed it, and param_groups holds it.",
    zh="学习率成了新优化器的初始值：保存之前它已被学习率调度改过，它保存在 param_groups 里。",
)
RANDOM_NOT_SAVED = Diagnosis(
    "random_not_saved",
    en="The state of the random numbers is not in the file, so shuffling and dropout go another way after the break.",
    zh="文件里没有随机数生成器的状态，断点之后的打乱和 dropout 就不同了。",
)
RANDOM_NOT_LOADED = Diagnosis(
    "random_not_loaded",
    en="After loading, the random numbers do not go on from where they were when the checkpoint was saved.",
    zh="加载之后，随机数没有从保存检查点时的位置继续。",
)
SEED_NOT_STATE = Diagnosis(
    "seed_not_state",
    en="The random numbers begin anew: a seed is where they began; get_rng_state() is where they are now.",
    zh="随机数从头开始了：种子只是起点，get_rng_state() 才是现在的位置。",
)
OVERWRITES_LAST_GOOD = Diagnosis(
    "overwrites_last_good",
    en="Saving failed halfway and the old checkpoint is lost: write beside it, and put it in place when it is whole.",
    zh="保存中途失败，旧的检查点也没了：应先写到旁边的文件，写完整后再换上去。",
)
HIDES_FAILURE = Diagnosis(
    "hides_failure",
    en="Saving failed and the caller does not hear of it: let the exception go on.",
    zh="保存失败了，调用者却不知道：应让异常继续抛出。",
)
NO_MAP_LOCATION = Diagnosis(
    "no_map_location",
    en="A file from a machine with a GPU does not load on one without: torch.load has an argument for the place.",
    zh="在有 GPU 的机器上保存的文件，在没有 GPU 的机器上打不开：torch.load 有一个参数指定加载到哪里。",
)
HIDES_MISSING_KEYS = Diagnosis(
    "hides_missing_keys",
    en="The file fits none of the model's names, and nobody was told: strict=False hides it.",
    zh="文件里的名字与模型完全对不上，却没有报错：strict=False 把它掩盖了。",
)
LEFT_IN_EVAL = Diagnosis(
    "left_in_eval",
    en="The model came from an evaluation and was trained in eval mode: without dropout, with fixed normalisation.",
    zh="模型刚做过评估，训练时仍处于 eval 模式：没有 dropout，批量归一化也不更新。",
)
FIRST_RUN_LOADS = Diagnosis(
    "first_run_loads",
    en="In the first run there is no checkpoint yet, and train tries to load it all the same.",
    zh="第一次训练时还没有检查点，train 却照样去加载。",
)
WRITER_REQUIRED = Diagnosis(
    "writer_required",
    en="The writer is optional: without one, train logs nothing and goes on.",
    zh="writer 是可选的：没有 writer 时，train 不写日志，照常训练。",
)
RESEEDS = Diagnosis(
    "reseeds",
    en="train sets a seed of its own: then every run draws the same numbers, and a break brings them back.",
    zh="train 自己设置了随机种子：每次运行都抽到同样的随机数，断点之后又会重来一遍。",
)
EPOCHS_MISCOUNTED = Diagnosis(
    "epochs_miscounted",
    en="Without a checkpoint, train does `epochs` epochs, numbered from 1 to `epochs`, and returns a loss for each.",
    zh="没有检查点时，train 应完成 `epochs` 个 epoch（编号从 1 到 `epochs`），并为每个返回一个损失。",
)
STARTS_AGAIN = Diagnosis(
    "starts_again",
    en="All epochs were trained again, although there was a checkpoint at `path`.",
    zh="`path` 处有检查点，却又把所有 epoch 从头训练了一遍。",
)
EPOCHS_NOT_TOTAL = Diagnosis(
    "epochs_not_total",
    en="`epochs` more were trained after the break, but it counts the ones before the break too.",
    zh="断点之后又训练了 `epochs` 个 epoch，但这个数包括断点之前的。",
)
EPOCH_REPEATED = Diagnosis(
    "epoch_repeated",
    en="The last epoch before the break was trained a second time: the checkpoint counts epochs that are done.",
    zh="断点之前的最后一个 epoch 又训练了一遍：检查点记录的是已完成的 epoch 数。",
)
EPOCH_SKIPPED = Diagnosis(
    "epoch_skipped",
    en="One epoch after the break was skipped: one is added to the number of epochs done in two places.",
    zh="断点之后少训练了一个 epoch：已完成的 epoch 数在两处都加了 1。",
)
NUMBERS_RESTART = Diagnosis(
    "numbers_restart",
    en="After a break the epochs are counted from 1 again, so the next checkpoint holds too small a number.",
    zh="断点之后 epoch 又从 1 数起，于是下一个检查点里的数太小。",
)
SAVED_ONLY_AT_END = Diagnosis(
    "saved_only_at_end",
    en="Training broke off in the third epoch and the second is lost too: save after each epoch, not at the end.",
    zh="训练在第三个 epoch 中断，第二个的成果也丢了：应在每个 epoch 之后保存，而不是最后才保存。",
)
SAVED_TOO_EARLY = Diagnosis(
    "saved_too_early",
    en="The checkpoint says that an epoch is done, but it was saved before that epoch was trained.",
    zh="检查点说某个 epoch 已经完成，可它是在这个 epoch 训练之前保存的。",
)
NOT_LOGGED = Diagnosis(
    "not_logged",
    en="The writer got nothing: call its add_scalar once for each epoch.",
    zh="writer 没有收到任何内容：每个 epoch 应调用一次它的 add_scalar。",
)
LOG_STEP_RESTARTS = Diagnosis(
    "log_step_restarts",
    en="The logged steps begin again after the break, so the new curve is drawn over the old one.",
    zh="断点之后日志的步数又从头开始，新曲线会画在旧曲线上面。",
)
LOG_STEP_OFF_BY_ONE = Diagnosis(
    "log_step_off_by_one",
    en="The logged steps are one off: the first epoch has the number 1.",
    zh="日志的步数差了 1：第一个 epoch 的编号是 1。",
)
LOG_ARGUMENTS = Diagnosis(
    "log_arguments",
    en="add_scalar takes three arguments, in this order: the tag, the value, the step.",
    zh="add_scalar 有三个参数，顺序是：tag、数值、步数。",
)

NO_FILE = {NOTHING_AT_PATH: r"FileNotFoundError"}
FITS_NOT = (
    r"KeyError|loading state_dict|state_dict to be dict-like|RNG state must be|parameter group|is not subscriptable"
)
TRAIN_ERRORS = {
    FIRST_RUN_LOADS: r"FileNotFoundError",
    WRITER_REQUIRED: r"'NoneType' object has no attribute 'add_scalar'",
}
FOREIGN = {NO_MAP_LOCATION: r"deserialize object on a CUDA device"}

LAYERS: tuple[tuple[Any, ...], ...] = (
    ("Linear", 3, 5), ("BatchNorm1d", 5), ("Tanh",), ("Dropout", 0.3), ("Linear", 5, 2),
)  # fmt: skip
BUFFERS, LAST_WEIGHT = ("1.running_mean", "1.running_var"), "4.weight"
SAMPLES, BATCH, BATCHES = 11, 4, 3  # batches of 4, 4 and 3
BREAK, EPOCHS = 2, 5
OPTIMIZERS: dict[str, dict[str, float]] = {"SGD": {"lr": 0.05, "momentum": 0.9}, "Adam": {"lr": 0.02}}
MOMENTUM = {"SGD": b"momentum_buffer", "Adam": b"exp_avg"}
# How a file names the place of its tensors, with the length of the name before it.
ON_CPU, ON_GPU = b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:0"

Maker = Callable[..., Any]
State = dict[str, torch.Tensor]


# ---- the same training in the attempt process and in the judge


def in_judge(name: str, *args: Any, **options: Any) -> Any:
    """Something of torch, called here."""
    return attrgetter(name)(torch)(*args, **options)


def in_attempt(attempt: Attempt) -> Maker:
    """Something of torch, called over there."""
    return lambda name, *args, **options: attempt.keep(attempt.library(f"torch.{name}"), *args, **options)


def library(attempt: Attempt, name: str) -> Remote:
    """A module of Python's own library over there."""
    return attempt.keep(attempt.library("builtins.__import__"), name, fromlist=["*"])


@dataclass
class Training:
    """A network, its data and its optimizer, in one of the two processes."""

    model: Any
    loader: Any
    criterion: Any
    optimizer: Any

    def arguments(self) -> tuple[Any, ...]:
        """What train and train_epoch take first."""
        return self.model, self.loader, self.criterion, self.optimizer


class Setting:
    """What both processes begin with: the samples, the state of the network, and the seed of the random numbers."""

    def __init__(self, rng: Inputs, kind: str = "SGD", **options: float) -> None:
        self.kind, self.options = kind, options or OPTIMIZERS[kind]
        self.data = rng.normal(SAMPLES, 3, dtype=torch.float64), rng.normal(SAMPLES, 2, dtype=torch.float64)
        self.state, self.seed = random_state(rng), rng.seed()

    def renewed(self, rng: Inputs) -> Setting:
        """The same samples, with another state and another seed, as a new process would begin."""
        other = self.reseeded(rng)
        other.state = random_state(rng)
        return other

    def reseeded(self, rng: Inputs) -> Setting:
        """The same samples and the same state, with another seed."""
        other = copy.copy(self)
        other.seed = rng.seed()
        return other

    def build(self, make: Maker) -> Training:
        """Everything anew in the process of `make`, with the seed set last."""
        model = make("nn.Sequential", *(make(f"nn.{name}", *args) for name, *args in LAYERS))
        model.double()
        model.load_state_dict(self.state)
        samples = make("utils.data.TensorDataset", *self.data)
        loader = make("utils.data.DataLoader", samples, batch_size=BATCH, shuffle=True)
        optimizer = make(f"optim.{self.kind}", model.parameters(), **self.options)
        make("default_generator.manual_seed", self.seed)
        return Training(model, loader, make("nn.MSELoss"), optimizer)


def random_state(rng: Inputs) -> State:
    """Parameters and buffers for the network."""
    layers = (in_judge(f"nn.{name}", *args) for name, *args in LAYERS)
    shapes = {name: value.shape for name, value in torch.nn.Sequential(*layers).state_dict().items()}
    state = {name: rng.uniform(*shape, low=0.2, dtype=torch.float64) for name, shape in shapes.items()}
    return state | {"1.num_batches_tracked": rng.integers(low=5, high=50)}


def unbroken(reference: types.ModuleType, setting: Setting, *, evaluating: bool = False) -> torch.Tensor:
    """The losses of a run without a break, in the judge."""
    here = setting.build(in_judge)
    here.model.train(not evaluating)
    return losses(reference, here, EPOCHS)


def broken(reference: types.ModuleType, before: Setting, after: Setting, lost: Collection[str]) -> torch.Tensor:
    """The losses after a break that loses the parts in `lost`, in the judge."""
    old = before.build(in_judge)
    losses(reference, old, BREAK)
    random = torch.get_rng_state()
    new = after.build(in_judge)
    for part in {"model", "optimizer"} - set(lost):
        getattr(new, part).load_state_dict(getattr(old, part).state_dict())
    if "random" not in lost:
        torch.set_rng_state(random)
    return losses(reference, new, EPOCHS - BREAK)


def losses(reference: types.ModuleType, here: Training, epochs: int) -> torch.Tensor:
    """The losses of some epochs in the judge."""
    return torch.tensor([reference.train_epoch(*here.arguments()) for _ in range(epochs)], dtype=torch.float64)


def one_step(attempt: Attempt, training: Training, setting: Setting) -> None:
    """One step over there without the learner's code; it changes parameters, buffers and the optimizer's state."""
    x, y = setting.data
    attempt.keep(training.criterion, attempt.keep(training.model, x), y).backward()
    training.optimizer.step()


# ---- files


def new_path(attempt: Attempt, rng: Inputs) -> str:
    """Where a checkpoint may go; nothing is there yet."""
    return f"{library(attempt, 'os').getcwd()}/checkpoint{rng.seed()}.pt"


def saved(attempt: Attempt, path: str, training: Training, epoch: int) -> bytes:
    """Save, and return what is in the file."""
    with explaining(NO_FILE):
        attempt.save_checkpoint(path, training.model, training.optimizer, epoch)
        data = attempt.keep(library(attempt, "pathlib").Path, path).read_bytes()
    return data if isinstance(data, bytes) else b""


def reading(data: bytes) -> dict[Diagnosis, str]:
    """What may go wrong when the file is read, as its contents tell."""
    objects = any(sign in data for sign in (b"torch.nn.modules", b"torch.optim"))
    return {WHOLE_OBJECT if objects else NOT_PLAIN: r"UnpicklingError", WRONG_PART: FITS_NOT}


def loaded(attempt: Attempt, path: str, training: Training, data: bytes) -> Any:
    """Load; what goes wrong is explained."""
    with explaining(reading(data)):
        return attempt.load_checkpoint(path, training.model, training.optimizer)


def from_gpu(data: bytes) -> bytes:
    """The same file as if its tensors had lain on a GPU: only the name of the place is exchanged."""
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
            fail_if(sum(entry.file_size for entry in old.infolist()) > len(data), NOT_PLAIN)
            for entry in old.infolist():
                part = old.read(entry)
                new.writestr(entry.filename, part.replace(ON_CPU, ON_GPU) if entry.filename.endswith(".pkl") else part)
    except CheckFailure:
        raise
    except Exception:  # torch's older form, or no checkpoint at all: each method of packing has errors of its own
        return data.replace(ON_CPU, ON_GPU)
    return made.getvalue()


def raises(function: Remote, *args: Any) -> bool:
    """Whether the learner's function raises an exception."""
    try:
        function(*args)
    except CheckFailure as failure:
        if failure.finding.verdict is Verdict.RAISED:
            return True
        raise
    return False


def check_same(found: State, expected: State) -> None:
    """Fail unless two states of a network agree."""
    fail_if(bool(found) and not set(BUFFERS) & set(found), BUFFERS_LOST)
    expect(sorted(found), NAMES).equals(sorted(expected))
    for name, value in expected.items():
        expect(found[name], name).close_to(value)


# ---- the checks of saving and loading


@pytest.mark.points(0.5)
@pytest.mark.public
def test_snapshot(attempt: Attempt, rng: Inputs) -> None:
    """snapshot copies parameters and buffers, and further training does not touch the copy.

    zh: snapshot 复制参数和缓冲区，之后的训练不会改变这份副本。
    """
    setting = Setting(rng)
    training = setting.build(in_attempt(attempt))
    kept = attempt.keep(attempt.snapshot, training.model)
    if not attempt.library("builtins.isinstance")(kept, attempt.library("builtins.dict")):
        kind = attempt.keep(attempt.library("builtins.type"), kept)
        expect(attempt.library("builtins.getattr")(kind, "__name__"), KIND).equals("dict")
    check_same(attempt.library("builtins.dict")(kept), setting.state)
    one_step(attempt, training, setting)
    after = attempt.library("builtins.dict")(kept)
    fail_if(any(not torch.equal(after[name], value) for name, value in setting.state.items()), BY_REFERENCE)


@pytest.mark.points(1)
@pytest.mark.public
def test_model_and_epoch(attempt: Attempt, rng: Inputs) -> None:
    """A new model gets the saved parameters and buffers, and load_checkpoint returns the saved epoch.

    zh: 新模型得到保存的参数和缓冲区，load_checkpoint 返回保存时的 epoch。
    """
    setting, path, epoch = Setting(rng, lr=0.05), new_path(attempt, rng), rng.integer(9, 60)
    data = saved(attempt, path, setting.build(in_attempt(attempt)), epoch)
    other = setting.renewed(rng)
    new = other.build(in_attempt(attempt))
    returned = loaded(attempt, path, new, data)
    found = attempt.state(new.model)
    fail_if(torch.equal(found[LAST_WEIGHT], other.state[LAST_WEIGHT]), MODEL_NOT_LOADED)
    fail_if(all(torch.equal(found[name], other.state[name]) for name in BUFFERS), BUFFERS_LOST)
    check_same(found, setting.state)
    fail_if(returned is None or isinstance(returned, (tuple, list, dict, Remote)), RETURNS_OTHER)
    fail_if(returned in (epoch - 1, epoch + 1), EPOCH_OFF_BY_ONE)
    expect(returned, EPOCH).equals(epoch)


@pytest.mark.points(0.5)
def test_plain_file(attempt: Attempt, rng: Inputs) -> None:
    """The file holds plain data that torch.load(weights_only=True) reads.

    zh: 文件里只有普通数据，torch.load(weights_only=True) 能够读取。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    training = setting.build(in_attempt(attempt))
    one_step(attempt, training, setting)
    data = saved(attempt, path, training, 3)
    with explaining(reading(data)):
        attempt.keep(attempt.library("torch.load"), path, weights_only=True)
    options = [k for n in ast.walk(attempt.source.tree) if isinstance(n, ast.Call) for k in n.keywords]
    unsafe = [k for k in options if k.arg == "weights_only" and isinstance(k.value, ast.Constant) and not k.value.value]
    fail_if(bool(unsafe), UNSAFE_LOAD)


@pytest.mark.points(1)
def test_optimizer(attempt: Attempt, rng: Inputs) -> None:
    """A new optimizer gets the momentum and the learning rate of the saved one, be it SGD or Adam.

    zh: 新优化器得到所保存的动量和学习率，SGD 和 Adam 都一样。
    """
    for kind in OPTIMIZERS:
        setting, path, rate = Setting(rng, kind), new_path(attempt, rng), rng.number(0.001, 0.01)
        old, new = (setting.build(in_attempt(attempt)) for _ in range(2))
        one_step(attempt, old, setting)
        change_group(attempt, old, "lr", rate)
        data = saved(attempt, path, old, 3)
        expected, _ = state_of(old.optimizer)
        loaded(attempt, path, new, data)
        found, found_rate = state_of(new.optimizer)
        if found.keys() != expected.keys() or any(not torch.equal(found[name], expected[name]) for name in expected):
            fail(OPTIMIZER_NOT_LOADED if MOMENTUM[kind] in data else OPTIMIZER_NOT_SAVED)
        expect(found_rate, RATE).close_to(rate, mistakes={LEARNING_RATE_LOST: setting.options["lr"]})


def change_group(attempt: Attempt, training: Training, name: str, value: Any) -> None:
    """Set an option of the optimizer over there."""
    group = attempt.keep(attempt.library("operator.getitem"), training.optimizer.param_groups, 0)
    attempt.may_mutate(attempt.library("operator.setitem"), group, name, value)


def state_of(optimizer: Remote) -> tuple[State, float]:
    """What an optimizer keeps for each parameter, by number and name, and its learning rate."""
    found = optimizer.state_dict()
    state = {f"{i}.{name}": value for i, entry in found["state"].items() for name, value in entry.items()}
    return state, found["param_groups"][0]["lr"]


@pytest.mark.points(1)
def test_random_state(attempt: Attempt, rng: Inputs) -> None:
    """After loading, torch's random numbers go on as they did after saving.

    zh: 加载之后，torch 的随机数接着保存时的位置继续。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    here = torch.Generator().manual_seed(setting.seed)
    first, second, third = (torch.rand(4, generator=here) for _ in range(3))
    old, draw = setting.build(in_attempt(attempt)), attempt.library("torch.rand")
    expect(draw(4), DRAWN).close_to(first)
    state = attempt.library("torch.get_rng_state")()
    data = saved(attempt, path, old, 3)
    expect(draw(4), DRAWN).close_to(second)
    loaded(attempt, path, old, data)
    lost = RANDOM_NOT_LOADED if state.numpy().tobytes() in data else RANDOM_NOT_SAVED
    expect(draw(4), DRAWN).close_to(second, mistakes={lost: third, SEED_NOT_STATE: first})


@pytest.mark.points(1)
def test_last_good_survives(attempt: Attempt, rng: Inputs) -> None:
    """If saving fails halfway, the exception goes on and the old checkpoint still loads.

    zh: 保存中途失败时，异常继续抛出，旧的检查点仍能加载。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    old, new = (setting.build(in_attempt(attempt)) for _ in range(2))
    data = saved(attempt, path, old, 3)
    loaded(attempt, path, old, data)  # else it is not the failure that spoils it
    later = setting.renewed(rng).state
    old.model.load_state_dict(later)
    # Nothing can pickle this, so that saving gets as far as the optimizer and no further.
    change_group(attempt, old, "note", attempt.keep(attempt.library("builtins.memoryview"), b"note"))
    failed = raises(attempt.save_checkpoint, path, old.model, old.optimizer, 8)
    fail_if(raises(attempt.load_checkpoint, path, new.model, new.optimizer), OVERWRITES_LAST_GOOD)
    epoch = loaded(attempt, path, new, data)
    fail_if(not failed and epoch == 3, HIDES_FAILURE)
    expect(epoch, EPOCH).equals(3 if failed else 8)
    fail_if(failed and torch.equal(attempt.state(new.model)[LAST_WEIGHT], later[LAST_WEIGHT]), OVERWRITES_LAST_GOOD)


@pytest.mark.points(0.5)
def test_elsewhere(attempt: Attempt, rng: Inputs) -> None:
    """A checkpoint that was saved on a GPU loads on a machine without one.

    zh: 在 GPU 上保存的检查点，在没有 GPU 的机器上也能加载。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    old, new = setting.build(in_attempt(attempt)), setting.renewed(rng).build(in_attempt(attempt))
    data = saved(attempt, path, old, 3)
    path = attempt.write_file(f"gpu{rng.seed()}.pt", from_gpu(data))
    with explaining(FOREIGN):
        epoch = loaded(attempt, path, new, data)
    expect(epoch, EPOCH).equals(3)
    check_same(attempt.state(new.model), setting.state)


@pytest.mark.points(0.5)
def test_wrong_model(attempt: Attempt, rng: Inputs) -> None:
    """A checkpoint of a model with other names is refused.

    zh: 名字对不上的检查点会被拒绝。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    training = setting.build(in_attempt(attempt))
    data = saved(attempt, path, training, 3)
    loaded(attempt, path, training, data)
    wrapped = attempt.keep(attempt.library("torch.nn.Sequential"), training.model)  # "0.0.weight", not "0.weight"
    fail_if(not raises(attempt.load_checkpoint, path, wrapped, training.optimizer), HIDES_MISSING_KEYS)


# ---- the checks of training


def trained(attempt: Attempt, training: Training, epochs: int, path: str, *rest: Any) -> torch.Tensor:
    """The losses that train returns."""
    with explaining(TRAIN_ERRORS):
        found = attempt.train(*training.arguments(), epochs, path, *rest)
    return expect(found, LOSSES).numbers()


def begins(found: torch.Tensor, loss: torch.Tensor) -> bool:
    """Whether the first of the losses is this one."""
    return len(found) > 0 and torch.allclose(found[0], loss)


@pytest.mark.points(1)
def test_training(attempt: Attempt, rng: Inputs, reference: types.ModuleType) -> None:
    """Without a checkpoint, train does all epochs in training mode and returns their losses.

    zh: 没有检查点时，train 以训练模式完成所有 epoch，并返回各个损失。
    """
    setting, make = Setting(rng), in_attempt(attempt)

    def again() -> torch.Tensor:
        """The losses of the same run with another seed."""
        return trained(attempt, setting.reseeded(rng).build(make), EPOCHS, new_path(attempt, rng)).nan_to_num()

    there = setting.build(make)
    there.model.eval()
    found = trained(attempt, there, EPOCHS, new_path(attempt, rng))
    fail_if(len(found) != EPOCHS, EPOCHS_MISCOUNTED)
    mistakes = {LEFT_IN_EVAL: lambda: unbroken(reference, setting, evaluating=True), RESEEDS: again}
    expect(found, LOSSES).close_to(unbroken(reference, setting), mistakes=mistakes)


@pytest.mark.points(1)
def test_resumed(attempt: Attempt, rng: Inputs, reference: types.ModuleType) -> None:
    """After a break train goes on with the next epoch, and the losses are those of a run without a break.

    zh: 断点之后，train 从下一个 epoch 继续，损失与不中断的训练完全一致。
    """
    for kind in OPTIMIZERS:
        before, path = Setting(rng, kind), new_path(attempt, rng)
        expected = unbroken(reference, before)
        after = before.renewed(rng)
        trained(attempt, before.build(in_attempt(attempt)), BREAK, path)
        there = after.build(in_attempt(attempt))
        found = trained(attempt, there, EPOCHS, path)
        if len(found) == EPOCHS:
            fail(EPOCHS_NOT_TOTAL if begins(found, expected[BREAK]) else STARTS_AGAIN)
        fail_if(len(found) == EPOCHS - BREAK + 1, EPOCH_REPEATED)
        fail_if(len(found) == EPOCHS - BREAK - 1, EPOCH_SKIPPED)
        parts = {MODEL_NOT_LOADED: "model", OPTIMIZER_NOT_LOADED: "optimizer", RANDOM_NOT_LOADED: "random"}
        wrong = {known: partial(broken, reference, before, after, [part]) for known, part in parts.items()}
        wrong[SAVED_TOO_EARLY] = lambda expected=expected: expected[BREAK - 1 : -1]
        expect(found, LATER).close_to(expected[BREAK:], mistakes=wrong)
        expect(trained(attempt, there, EPOCHS, path), DONE).close_to(torch.empty(0, dtype=torch.float64))


@pytest.mark.points(1)
def test_interrupted(attempt: Attempt, rng: Inputs, reference: types.ModuleType) -> None:
    """If training breaks off in the middle of an epoch, that epoch begins anew, and nothing before it is lost.

    zh: 训练在某个 epoch 中途中断时，这个 epoch 重新开始，之前的成果不会丢失。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    expected = unbroken(reference, setting)
    trained(attempt, setting.build(in_attempt(attempt)), 1, path)
    there = setting.renewed(rng).build(in_attempt(attempt))
    there.criterion = cut_off(attempt, there.criterion, (BREAK - 1) * BATCHES + 1)
    raises(attempt.train, *there.arguments(), EPOCHS, path)
    found = trained(attempt, setting.renewed(rng).build(in_attempt(attempt)), EPOCHS, path)
    fail_if(begins(found, expected[1]), SAVED_ONLY_AT_END)
    fail_if(len(found) > EPOCHS - BREAK, NUMBERS_RESTART)
    fail_if(len(found) == EPOCHS - BREAK - 1, SAVED_TOO_EARLY)
    expect(found, LATER).close_to(expected[BREAK:])


def cut_off(attempt: Attempt, criterion: Remote, calls: int) -> Remote:
    """The same criterion, but the call after so many raises an exception."""
    mock = library(attempt, "unittest.mock")
    cut = attempt.keep(attempt.library("builtins.RuntimeError"), "the power was cut")
    return attempt.keep(mock.Mock, wraps=criterion, side_effect=[*[mock.DEFAULT] * calls, cut])


def logged(attempt: Attempt, writer: Remote) -> list[list[Any]]:
    """Value and step of each call of a writer's add_scalar."""
    plain, calls = attempt.library("builtins.tuple"), writer.add_scalar.call_args_list
    found = attempt.library("builtins.list")(attempt.keep(attempt.library("builtins.map"), plain, calls))
    names = ("tag", "scalar_value", "value", "global_step", "step")
    given = [[*args, *(named[name] for name in names if name in named)] for args, named in found]
    fail_if(any(len(arguments) < 3 or not isinstance(arguments[0], str) for arguments in given), LOG_ARGUMENTS)
    return [arguments[1:3] for arguments in given]


@pytest.mark.points(1)
def test_logging(attempt: Attempt, rng: Inputs) -> None:
    """The writer gets each epoch's loss with the epoch's number, and the numbers go on after a break.

    zh: writer 收到每个 epoch 的损失和编号，断点之后编号接着往下数。
    """
    setting, path = Setting(rng), new_path(attempt, rng)
    for first, last in ((1, BREAK), (BREAK + 1, EPOCHS)):
        writer = attempt.keep(library(attempt, "unittest.mock").Mock, spec=["add_scalar", "flush", "close"])
        returned = trained(attempt, setting.build(in_attempt(attempt)), last, path, writer)
        calls = logged(attempt, writer)
        fail_if(not calls, NOT_LOGGED)
        values, steps = ([call[i] for call in calls] for i in (0, 1))
        expected = list(range(first, last + 1))
        fail_if(values == expected, LOG_ARGUMENTS)
        fail_if(first > 1 and steps[:1] in ([0], [1]), LOG_STEP_RESTARTS)
        fail_if(steps in ([step - 1 for step in expected], [step + 1 for step in expected]), LOG_STEP_OFF_BY_ONE)
        expect(steps, STEPS).equals(expected)
        expect(values, LOGGED).close_to(returned.tolist())
