"""Two values as they are read one above the other: what a call gave, and what it should give."""

from __future__ import annotations

import re
from typing import Any

import torch

from dlex.judge.python_text import NoText, text_of
from dlex.kit.measure import kind
from dlex.kit.proxy import Remote

DIGITS = 5  # of a number that is shown beside another
LONG = 300  # characters of a line that is shown; longer ones are in the script alone


def beside(gave: Any, expected: Any) -> tuple[str, str]:
    """Two values as they are shown one above the other; of tensors the dtype only if that is what differs."""
    same_dtype = isinstance(gave, torch.Tensor) and isinstance(expected, torch.Tensor) and gave.dtype == expected.dtype
    first, second = (
        re.sub(r", dtype=[\w.]+\)$", ")", text) if same_dtype else text for text in (shown(gave), shown(expected))
    )
    return first.replace("torch.tensor(", "tensor("), second.replace("torch.tensor(", "tensor(")


def shown(value: Any) -> str:
    """A value as it is shown beside the other: short, and what has no text by its type."""
    try:
        return cropped(text_of(value, digits=DIGITS))
    except NoText:
        return f"<{kind(value) if isinstance(value, Remote) else type(value).__name__}>"


def cropped(text: str) -> str:
    """The text, or its beginning if it is too long for a line that is read."""
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
