"""What only some attempts need and takes long to import: a zygote loads it when idle, or when one needs it.

Imports nothing: the client that starts a server says what is needed first.
"""

from __future__ import annotations

# Slow to import and not needed by every exercise; a zygote loads them one by one while it has nothing to do.  While it
# loads one, a client waits: the compiler, which an optimizer's first step imports, is taken in two parts.
LATER = ("sympy", "torch._dynamo", "torch.optim", "matplotlib.pyplot", "torchvision", "PIL.Image")
# Which of them an attempt needs whose source has this word.
_NEEDED_BY = {
    "optim": ("sympy", "torch._dynamo", "torch.optim"),
    "matplotlib": ("matplotlib.pyplot",),
    "torchvision": ("torchvision", "PIL.Image"),
}


def needed_by(source: str) -> tuple[str, ...]:
    """What of `LATER` an attempt with this source needs at once."""
    return tuple(name for word, names in _NEEDED_BY.items() if word in source for name in names)
