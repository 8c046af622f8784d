"""What is told where a module of torch's stands in place of what it gives: it was not called."""

from __future__ import annotations

from torch import nn

from dlex.course.text import Text

LAYERS = frozenset(name for name, kind in vars(nn).items() if isinstance(kind, type) and issubclass(kind, nn.Module))
LAYER_ITSELF = Text(
    en="A `{layer}` itself stands here, not what it gives: a module is made first, `layer = nn.{layer}(...)`, and then "
    "called, `layer(x)`.",
    zh="这里用的是 `{layer}` 模块本身，而不是它的输出：先创建模块 `layer = nn.{layer}(...)`，再调用 `layer(x)`。",
)


def uncalled(kind: str) -> Text | None:
    """The advice for a value whose class is called `kind`; None if that is no layer of torch's."""
    return LAYER_ITSELF.format(layer=kind) if kind in LAYERS else None
