"""What a wrong tensor has to do with the right one: a function too many, rows that moved, one place that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from dlex.course.text import Text

Function = Callable[[torch.Tensor], torch.Tensor]

# What may stand once too often or be forgotten at the end of a computation, by the name that a learner knows.
FUNCTIONS: tuple[tuple[str, Function], ...] = (
    ("relu", torch.relu),
    ("sigmoid", torch.sigmoid),
    ("tanh", torch.tanh),
    ("softmax", lambda x: x.softmax(-1)),
    ("log_softmax", lambda x: x.log_softmax(-1)),
    ("exp", torch.exp),
    ("log", torch.log),
    ("square", torch.square),
    ("sqrt", torch.sqrt),
    ("abs", torch.abs),
)
SPREAD = 1e-4
MAX_VALUES = 1_000_000


def remark(actual: torch.Tensor, wanted: torch.Tensor) -> Text | None:
    """The relation of two tensors of one shape and of real values, as a sentence; None if there is none known."""
    if not 1 < actual.numel() <= MAX_VALUES:
        return None  # of one number some function says something by chance
    a, w = actual.double(), wanted.double()
    return next((text for look in (_constant, _function, _shifted, _one_place) for text in look(a, w)), None)


def _constant(a: torch.Tensor, w: torch.Tensor) -> Iterator[Text]:
    if bool((w == w.reshape(-1)[0]).all()) or not bool((a == a.reshape(-1)[0]).all()):
        return
    if bool((a == 0).all()):
        yield Text(
            en="Every value is 0: nothing has been put in, or nothing arrives.",
            zh="每个值都是 0：没有写入，或没有任何东西传到这里。",
        )
    else:
        yield Text(en="Every value is the same, {value}.", zh="每个值都相同，都是 {value}。").format(
            value=f"{float(a.reshape(-1)[0]):.4g}"
        )


def _function(a: torch.Tensor, w: torch.Tensor) -> Iterator[Text]:
    if not (bool(torch.isfinite(a).all()) and bool(torch.isfinite(w).all())):
        return
    for name, function in FUNCTIONS:
        if _alike(a, function(w)):
            yield Text(
                en="It is the {name} of what is expected: `{name}` stands once too often.",
                zh="它是应有结果的 {name}：多用了一次 `{name}`。",
            ).format(name=name)
        if _alike(function(a), w):
            yield Text(
                en="Its {name} would be right: `{name}` is missing.", zh="对它再取 {name} 就对了：少了一次 `{name}`。"
            ).format(name=name)


def _shifted(a: torch.Tensor, w: torch.Tensor) -> Iterator[Text]:
    """Along the first dimension, as of a history that is noted too early or too late."""
    if len(a) < 3:
        return
    if _alike(a[1:], w[:-1]) or _alike(a[:-1], w[1:]):
        yield Text(
            en="The values are right, but one place too early or too late.", zh="数值是对的，但早了或晚了一个位置。"
        )
    elif _alike(a.flip(0), w):
        yield Text(en="The order is reversed.", zh="顺序颠倒了。")


def _one_place(a: torch.Tensor, w: torch.Tensor) -> Iterator[Text]:
    """Everything is right but one slice along a dimension: a border, a last batch, a first step."""
    wrong = (a - w).abs() > SPREAD * (w.abs() + w.abs().max() * 1e-3 + 1e-12)
    wrong |= ~torch.isfinite(a)
    for dim, size in enumerate(a.shape):
        others = [d for d in range(a.dim()) if d != dim]
        touched = wrong.any(dim=others) if others else wrong
        places = touched.nonzero().flatten().tolist()
        if size > 2 and len(places) == 1:
            yield Text(
                en="Everything is right but index {place} of {size} along dimension {dim}.",
                zh="除了第 {dim} 维中下标为 {place} 的部分（共 {size}），其余都对。",
            ).format(place=places[0], size=size, dim=dim)


def _alike(a: torch.Tensor, w: torch.Tensor) -> bool:
    if a.shape != w.shape or not bool(torch.isfinite(a).all()) or not bool(torch.isfinite(w).all()):
        return False
    scale = float(w.abs().max())
    # Two constants, or zeros alone, are alike by chance.
    varied = float(w.max() - w.min()) > 1e-6 * max(scale, 1e-12)
    return varied and bool(((a - w).abs() <= SPREAD * (w.abs() + 1e-2 * scale)).all())
