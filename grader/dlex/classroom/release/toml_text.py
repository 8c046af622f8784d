"""Writes the little TOML that a release needs; Python reads TOML but does not write it."""

from __future__ import annotations

import json
from collections.abc import Iterable


def toml_string(text: str) -> str:
    """A string of TOML: JSON's are, but for one character that TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_list(texts: Iterable[str]) -> str:
    """A list of strings on one line."""
    return f"[{', '.join(toml_string(text) for text in texts)}]"
