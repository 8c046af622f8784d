"""A learner's file runs as far as it can: definitions are kept though the script around them fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from dlex.attempt import loading
from dlex.judge import skipping

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
    for source in ("y = x\n", "int('a')\n", "import troch\n", "import torch.nowhere\n", f"class A:\n    a = {READS}\n"):
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


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("raise AssertionError('Torch not compiled with CUDA enabled')", "gpu"),
        ("raise RuntimeError('Found no NVIDIA driver on your system.')", "gpu"),
        ("assert 'cuda' == 1", "gpu"),
        ("get_ipython().run_line_magic('matplotlib', 'inline')", "notebook"),
        ("raise RuntimeError('Dataset not found. You can use download=True to download it')", "file"),
        ("import argparse; a = argparse.ArgumentParser(); a.add_argument('x'); a.parse_args()", "arguments"),
    ],
)
def test_what_is_not_there_while_grading(line: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["a.py"])
    skipped, names = run(f"{line}\ndef f():\n    return 1\n")
    assert skipped == [[1, kind]]
    assert names["f"]() == 1


def test_a_package_that_is_not_installed_is_done_without() -> None:
    """What needs it says so when it is used, and what the script does with it is skipped."""
    skipped, names = run(
        "import json, no_package as npk\nfrom no_package.sub import thing\ndata = npk.read('x')\n"
        "def f():\n    return npk.g()\nclass A: pass\nprint(data.head())\n"
    )
    assert skipped == [[1, "package"], [2, "package"], [3, "name"], [7, "name"]]
    assert "A" in names
    for use in (names["f"], names["thing"], lambda: [*names["npk"]], lambda: type("B", (), {})(*names["thing"])):
        with pytest.raises(ModuleNotFoundError, match="No module named 'no_package'"):
            use()
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_package'"):
        run("import no_package\nclass B(no_package.C): pass\n")


def test_what_reads_what_was_skipped_is_skipped_whatever_it_raises() -> None:
    """`losses[-1]` is an IndexError only because the loop that fills the list was skipped."""
    skipped, _ = run(f"losses = []\nfor i in range(3):\n    losses.append(len({READS}))\nlast = losses[-1]\nlast + 1\n")
    assert skipped == [[2, "file"], [4, "name"], [5, "name"]]
    skipped, _ = run(f"a = []\nif a == []:\n    a += {READS}\nb = list(a)\nb[0]\n")
    assert skipped == [[2, "file"], [5, "name"]]
    skipped, _ = run(f"a = []\ndef f(): return a[0]\nif 1:\n    a += {READS}\nf()\n")
    assert skipped == [[3, "file"], [5, "name"]]
    with pytest.raises(IndexError):
        run(f"a = []\nb = {READS}\na[0]\n")


def test_what_would_define_the_answer_anew_is_not_skipped() -> None:
    """Else the definition above would count, which is not what the file makes of it."""
    for second in (f"f = {READS}", f"if 1:\n    {READS}\n    def f(): return 2"):
        with pytest.raises(FileNotFoundError):
            run(f"def f():\n    return 1\n{second}\n")


def test_what_nests_too_deeply_for_a_tree_is_run_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(source: str) -> None:
        raise RecursionError

    monkeypatch.setattr(loading.ast, "parse", parse)
    skipped, names = run("y = 1\n")
    assert (skipped, names["y"]) == ([], 1)


def test_training_at_the_top_level_is_stopped() -> None:
    """However much it catches; what is defined is there, and the time that is left is shared on."""
    endless = "while True:\n    try:\n        x = 1\n    except Exception:\n        pass\n"
    namespace: dict[str, Any] = {}
    source = f"def f():\n    return 1\n{endless}{endless}y = 2\nprint(x)\n"
    assert loading.run(source, "a.py", namespace, seconds=0.4) == [[3, "slow"], [8, "slow"]]
    assert (namespace["f"](), namespace["y"]) == (1, 2)
    assert loading.run(source, "a.py", {}, passed_over=[3, 8]) == [[3, "slow"], [8, "slow"], [14, "name"]]


def test_notes() -> None:
    """Each kind is told with its line, and what hangs on them in one sentence."""
    told = skipping.read([[3, "file"], [4, "name"], [5, "input"], [6, "name"]])
    english = [note.in_language("en") for note in skipping.notes(told)]
    assert english[0].endswith("(line 3).")
    assert english[1].endswith("(line 5).")
    assert english[2].endswith("line 4, 6.")
    assert "__main__" in english[3]


def test_the_simulated_gpu_is_mentioned_where_there_is_one() -> None:
    assert any("--device sim" in note.en for note in skipping.notes([(1, "gpu")], ("cpu", "sim")))
    assert not any("--device sim" in note.en for note in skipping.notes([(1, "gpu")], ("cpu",)))


@pytest.mark.parametrize("told", [None, 3, "x", [], [1], [[1]], [["file", 1]], [[1, []]], [[1, "rm -rf"]], {"a": 1}])
def test_an_attempt_that_tells_nonsense_gets_no_note(told: object) -> None:
    """What comes from an attempt is believed in one form only."""
    assert skipping.read(told) == ()


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
