"""Friendly notes on old or harmful habits in a learner's code.  They never cost a point."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from dlex.course.text import Text
from dlex.kit.syntax import Source

OLD_CALLS: dict[str, Text] = {
    "Variable": Text(
        en="`Variable(x)` has done nothing since PyTorch 0.4: a tensor will do.",
        zh="从 PyTorch 0.4 起 `Variable(x)` 不再起作用：直接使用张量即可。"),
    "F.sigmoid": Text(
        en="`F.sigmoid` is deprecated: write `torch.sigmoid`.", zh="`F.sigmoid` 已弃用：请用 `torch.sigmoid`。"),
    "F.tanh": Text(en="`F.tanh` is deprecated: write `torch.tanh`.", zh="`F.tanh` 已弃用：请用 `torch.tanh`。"),
    "plt.show": Text(
        en="`plt.show()` does nothing while grading: return the figure instead.",
        zh="评测时 `plt.show()` 不起作用：请返回 figure。"),
    "torch.Tensor": Text(
        en="`torch.Tensor([...])` always makes float32: `torch.tensor([...])` keeps the type of its data.",
        zh="`torch.Tensor([...])` 总是生成 float32：`torch.tensor([...])` 会保留数据的类型。"),
}  # fmt: skip
OLD_KEYWORDS: dict[str, Text] = {
    "size_average": Text(
        en="`size_average` is deprecated: write `reduction='mean'` or `reduction='sum'`.",
        zh="`size_average` 已弃用：请写 `reduction='mean'` 或 `reduction='sum'`。"),
    "reduce": Text(
        en="`reduce` is deprecated: write `reduction='none'`.", zh="`reduce` 已弃用：请写 `reduction='none'`。"),
    "volatile": Text(
        en="`volatile=True` is gone: use `with torch.no_grad():`.",
        zh="`volatile=True` 已移除：请用 `with torch.no_grad():`。"),
    "pretrained": Text(
        en="`pretrained=True` is deprecated: write `weights=...`.",
        zh="`pretrained=True` 已弃用：请用 `weights=...`。"),
    "download": Text(
        en="Nothing is downloaded while grading: torchvision's MNIST and Fashion-MNIST read the course's sample.",
        zh="评测时不会下载数据：torchvision 的 MNIST 与 Fashion-MNIST 会读取课程自带的样本。"),
}  # fmt: skip
OLD_ATTRIBUTES: dict[str, Text] = {
    "data": Text(
        en="`.data` goes past autograd unseen: prefer `.detach()`, or `with torch.no_grad():`.",
        zh="`.data` 会绕过 autograd：请改用 `.detach()` 或 `with torch.no_grad():`。"),
}  # fmt: skip
# Which argument is `dim`: without it PyTorch guesses, by the number of dimensions.
DIM = {"F.softmax": 1, "F.log_softmax": 1, "nn.Softmax": 0, "nn.LogSoftmax": 0, "torch.nn.Softmax": 0}

# What a class of a learner's may define for Python to call, and all that it may.
CALLED = ("__init__", "__len__", "__getitem__", "__iter__", "__next__", "__call__", "__enter__", "__exit__", "__repr__")
OF_PYTHON = {name for kind in (int, list, dict, type) for name in dir(kind)} | {*CALLED, "__getitems__"}


def notes(source: Source) -> tuple[Text, ...]:
    """The notes for a source, each once."""
    calls = set(source.calls())
    calls |= {name.rpartition(".")[2] for name in calls if name.endswith("Variable")}
    keywords, attributes = source.keywords(), source.attributes() - source.own_attributes()
    found = [note for name, note in OLD_CALLS.items() if name in calls]
    found += [note for name, note in OLD_KEYWORDS.items() if name in keywords]
    found += [note for name, note in OLD_ATTRIBUTES.items() if name in attributes]
    found += [
        Text(en="Write `model(x)`, not `model.forward(x)`: a call also runs the hooks.",
             zh="请写 `model(x)` 而不是 `model.forward(x)`：直接调用才会执行钩子。")
    ] * (
        any(name.endswith(".forward") and not name.startswith(".") for name in calls)
        and "forward" not in source.methods(of_plain=True)  # as in backpropagation by hand: such a class is not called
    )  # fmt: skip
    found += [
        Text(en="`{name}` without `dim` guesses the dimension: write `dim=1`, or `dim=-1`.",
             zh="`{name}` 没有给出 `dim`，只能猜测维度：请写 `dim=1` 或 `dim=-1`。").format(name=name)
        for name in sorted(source.calls_without("dim", DIM))
    ]  # fmt: skip
    found += [
        Text(en="Python never calls a method `{name}`: did you mean `{meant}`?",
             zh="Python 从不调用名为 `{name}` 的方法：是不是想写 `{meant}`？").format(name=name, meant=meant)
        for name, meant in sorted(_almost_known(source.methods()))
    ]  # fmt: skip
    return tuple(found)


def _almost_known(methods: set[str]) -> Iterator[tuple[str, str]]:
    """Methods whose names are nearly those that Python calls by itself, with the names that may have been meant."""
    for name in methods - OF_PYTHON:
        if name.startswith("_") and name.endswith("_") and name.strip("_"):
            near = difflib.get_close_matches(name.strip("_"), (known.strip("_") for known in CALLED), n=1, cutoff=0.75)
            yield from ((name, f"__{meant}__") for meant in near)
