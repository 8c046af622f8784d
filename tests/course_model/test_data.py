"""The list of the data: what is looked at, what is told of it, and where a full set is found."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dlex.course.data import (
    Condition,
    Dataset,
    data_path,
    find_dataset,
    find_full,
    full_sets,
    read_datasets,
    report,
)
from dlex.course.errors import CourseError, UsageError
from dlex.course.exercise import Course

COURSE_FILE = """
title = { en = "A course", zh = "课程" }

[[tracks]]
id = "one"
title = { en = "One", zh = "一" }
exercises = ["01_one", "02_two", "03_gone"]
"""
EXERCISE_FILE = """
title = {{ en = "One", zh = "一" }}
track = "one"
difficulty = 1
minutes = 1
writes = ["one"]
data = {data}
"""
LIST = """
[[dataset]]
name = "fashion_mnist"
title = {{ en = "Clothes", zh = "衣物" }}
shape = {{ en = "3 rows", zh = "3 行" }}
licence = "MIT"
source = {{ en = "A shop", zh = "商店" }}
script = "make.py"

[dataset.files]
"raw/a-ubyte" = "{digest}"
"raw/b-ubyte" = "{digest}"

[dataset.full]
shape = {{ en = "all rows", zh = "全部" }}
folders = ["FashionMNIST/raw", "fashion-mnist"]
how = {{ en = "Ask.", zh = "询问。" }}

[[dataset]]
name = "names"
title = {{ en = "Names", zh = "人名" }}
shape = {{ en = "1 row", zh = "1 行" }}
licence = "MIT"
source = {{ en = "A book", zh = "书" }}
script = "make.py"
files = {{ "names.csv" = "{digest}" }}
"""
CONTENT = b"what it should be"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with two sets, all of whose files are whole, of three exercises, one of which cannot be read."""
    files = {
        "exercises/course.toml": COURSE_FILE,
        "exercises/01_one/exercise.toml": EXERCISE_FILE.format(data='["names.csv"]'),
        "exercises/02_two/exercise.toml": EXERCISE_FILE.format(data='["names", "fashion_mnist"]'),
        "datasets/datasets.toml": LIST.format(digest=hashlib.sha256(CONTENT).hexdigest()),
    }
    contents = {"datasets/raw/a-ubyte": CONTENT, "datasets/raw/b-ubyte": CONTENT, "datasets/names.csv": CONTENT}
    for name, content in {**{name: text.encode() for name, text in files.items()}, **contents}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return Course(tmp_path)


def clothes(course: Course) -> Dataset:
    """The set of pictures."""
    return find_dataset(read_datasets(course), "fashion_mnist")


def test_a_whole_set(course: Course) -> None:
    found = report(course, clothes(course), {})
    assert found.is_whole
    assert found.size == 2 * len(CONTENT)
    assert found.full_folder is None


def test_missing_and_damaged(course: Course) -> None:
    (course.datasets / "raw" / "a-ubyte").unlink()
    (course.datasets / "raw" / "b-ubyte").write_bytes(b"cut")
    found = report(course, clothes(course), {})
    assert not found.is_whole
    assert [(file.condition, file.size) for file in found.files] == [(Condition.MISSING, 0), (Condition.DAMAGED, 3)]


def test_exercises_name_a_set_or_a_file_of_it(course: Course) -> None:
    used = {dataset.name: report(course, dataset, {}).exercises for dataset in read_datasets(course)}
    assert used == {"fashion_mnist": ("02",), "names": ("01", "02")}


def test_names_are_found_in_any_writing(course: Course) -> None:
    assert find_dataset(read_datasets(course), " Fashion-MNIST ").name == "fashion_mnist"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("fashoin", "There is no data set 'fashoin': did you mean fashion_mnist?"),
        ("xyz", "There is no data set 'xyz'."),
        ("", "There is no data set ''."),
    ],
)
def test_an_unknown_name(course: Course, wanted: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_dataset(read_datasets(course), wanted)
    assert caught.value.message.en == said
    assert caught.value.next_step is not None


def test_no_list_is_no_data(course: Course) -> None:
    (course.datasets / "datasets.toml").unlink()
    assert read_datasets(course) == ()
    assert data_path(course, "names.csv") == course.datasets / "names.csv"


def test_a_list_that_is_not_usable(course: Course) -> None:
    (course.datasets / "datasets.toml").write_text("[[dataset]]\nname = 3\n")
    with pytest.raises(CourseError, match=r"datasets\.toml is not usable"):
        read_datasets(course)


def test_paths(course: Course) -> None:
    assert data_path(course, "fashion_mnist") == course.datasets
    assert data_path(course, "raw/a-ubyte") == course.datasets / "raw" / "a-ubyte"
    with pytest.raises(CourseError, match="The course has no data 'ages'"):
        data_path(course, "ages")


def test_where_full_sets_lie() -> None:
    assert full_sets({}) is None
    assert full_sets({"DLEX_DATA": ""}) is None
    assert full_sets({"DLEX_DATA": "~/data"}) == Path.home() / "data"


@pytest.mark.parametrize("place", ["FashionMNIST/raw", "fashion-mnist"])
def test_a_full_set_in_both_layouts_packed_or_not(course: Course, tmp_path: Path, place: str) -> None:
    folder = tmp_path / "full" / place
    folder.mkdir(parents=True)
    (folder / "a-ubyte").touch()
    assert find_full(clothes(course), tmp_path / "full") is None, "one of two files is not the set"
    (folder / "b-ubyte.gz").touch()
    assert find_full(clothes(course), tmp_path / "full") == folder
    assert report(course, clothes(course), {"DLEX_DATA": str(tmp_path / "full")}).full_folder == folder


def test_no_full_set(course: Course, tmp_path: Path) -> None:
    names = find_dataset(read_datasets(course), "names")
    assert find_full(names, tmp_path) is None
    assert find_full(clothes(course), None) is None
    assert find_full(clothes(course), tmp_path / "nowhere") is None
