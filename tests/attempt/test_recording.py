"""What is noted of a call: what the learner's code leads to, and nothing that torch does for itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from dlex.attempt.recording import recorded

LIBRARY = """
def reached():
    return 1


def at_import():
    return reached()


AT_IMPORT = at_import()
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module that is not imported yet, and calls functions of its own when it is."""
    (tmp_path / "lazy_rnn_library.py").write_text(LIBRARY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield "lazy_rnn_library"
    sys.modules.pop("lazy_rnn_library", None)


def names_of(code: str) -> list[str]:
    """What is noted while a learner's code runs."""
    names: list[str] = []
    own: dict[str, Any] = {"torch": torch}
    with recorded(names, own):
        exec(code, own)
    return names


def test_functions_and_operators() -> None:
    """Both what was called and what torch dispatched."""
    names = names_of("torch.relu(torch.ones(2))")
    assert "torch.relu" in names
    assert "aten.relu" in names


def test_what_an_import_calls_is_not_noted(library: str) -> None:
    """The first call in a process may make torch load half of itself; none of it is what the learner asked for."""
    names = names_of(f"import {library}")
    assert not [name for name in names if name.startswith(library)]


def test_what_is_called_after_its_import_is_noted(library: str) -> None:
    """That it also ran during the import hides no function."""
    assert f"{library}.reached" in names_of(f"import {library}\n{library}.reached()")


COLD = """
import sys, torch
from dlex.attempt.recording import recorded
before, names = set(sys.modules), []
with recorded(names, own := {"torch": torch}):
    exec("(torch.ones(2, 2, requires_grad=True) @ torch.ones(2, 2)).relu()", own)
print("aten.relu" in names, sorted({"torch._dynamo", "sympy"} & (set(sys.modules) - before)))
"""


def test_the_first_operator_of_a_process_loads_no_compiler() -> None:
    """Torch would import it to keep it away from our modes: two seconds of an attempt's time for nothing."""
    done = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, check=True)
    assert done.stdout == "True []\n"
