"""A learner's file runs as far as it can: definitions are kept though the script around them fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dlex.attempt import loading
from dlex.judge import explanation

READS = "open('/no/such/file.csv')"
NETWORK = "import urllib.error\nraise urllib.error.URLError('no network')"


def run(source: str) -> tuple[list[list[Any]], dict[str, Any]]:
    """What was skipped, and the names that are there."""
    namespace: dict[str, Any] = {}
    return loading.run(source, "a.py", namespace), namespace


def test_what_can_be_run_is_run() -> None:
    """The plain case: nothing is skipped."""
    skipped, names = run("x = 1\ndef f():\n    return x\n")
    assert skipped == []
    assert names["f"]() == 1


@pytest.mark.parametrize(
    ("line", "kind"), [(READS, "file"), ("raise EOFError", "input"), ("raise PermissionError", "file")]
)
def test_a_statement_that_asks_for_the_world_outside_is_skipped(line: str, kind: str) -> None:
    """What is defined above and below it is there."""
    skipped, names = run(f"def f():\n    return 1\n{line}\ndef g():\n    return 2\n")
    assert skipped == [[3, kind]]
    assert (names["f"](), names["g"]()) == (1, 2)


def test_the_network_is_told_from_files() -> None:
    """By where the class of the exception comes from."""
    assert run(NETWORK)[0] == [[2, "network"]]


def test_what_follows_from_it_is_skipped_too() -> None:
    """A name that the skipped statement would have made, in a whole block of the script."""
    skipped, names = run(f"data = {READS}\nfor row in data:\n    print(row)\ny = 3\n")
    assert skipped == [[1, "file"], [2, "name"]]
    assert names["y"] == 3


def test_the_learners_own_errors_are_raised() -> None:
    """A name that nobody made, a wrong value, and a definition or import that fails."""
    for source in ("y = x\n", "int('a')\n", "import no_such_module\n", f"class A:\n    a = {READS}\n"):
        with pytest.raises(Exception):  # noqa: B017, PT011 - whichever it is
            run(source)


def test_future_statements_hold_for_the_rest() -> None:
    """The rest of the file is compiled as the whole was."""
    _, names = run(f"from __future__ import annotations\n{READS}\ndef f(x: Nowhere) -> Nowhere: ...\n")
    assert names["f"].__annotations__["x"] == "Nowhere"


def test_a_script_of_nothing_else_comes_to_an_end() -> None:
    """So many statements are skipped, and no more."""
    with pytest.raises(FileNotFoundError):
        run(f"{READS}\n" * (loading.MAX_SKIPPED + 1))


def test_notes() -> None:
    """Each kind is told with its line; consequences are not."""
    english = [note.in_language("en") for note in explanation.skipped([[3, "file"], [4, "name"], [5, "input"]])]
    assert english[0].endswith("(line 3).")
    assert english[1].endswith("(line 5).")
    assert "__main__" in english[2]


@pytest.mark.parametrize("told", [None, 3, "x", [], [1], [[1]], [["file", 1]], [[1, []]], [[1, "rm -rf"]], {"a": 1}])
def test_an_attempt_that_tells_nonsense_gets_no_note(told: object) -> None:
    """What comes from an attempt is believed in one form only."""
    assert explanation.skipped(told) == ()


def test_torchvision_finds_the_images_of_the_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`MNIST(root=..., download=True)` in an empty folder reads the course's sample, its own files if it has them."""
    from dlex.attempt import torchvision_bridge
    from dlex.course.exercise import find_course

    torchvision_bridge.install()
    datasets = pytest.importorskip("torchvision.datasets")
    monkeypatch.setattr(datasets.MNIST, "_check_exists", datasets.MNIST._check_exists)
    loading.make_at_home("import torchvision", find_course().datasets)
    for kind in (datasets.MNIST, datasets.FashionMNIST):
        assert len(kind(str(tmp_path / "none"), train=True, download=True)) > 1000
    loading.make_at_home("import torchvision", tmp_path)
