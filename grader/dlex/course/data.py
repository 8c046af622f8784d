"""The course's data: what `datasets/datasets.toml` lists, whether its files are whole, and where a full set lies.

No torch and no NumPy here: `dlex data` lists without them.  `idx` reads the pictures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

import msgspec

from dlex.course.errors import CourseError, DlexError, UsageError
from dlex.course.exercise import Course, Exercise, read_toml
from dlex.course.text import Text

# Names the folder with full sets, as torchvision lays them out or as Debian does in /usr/share/datasets.
VARIABLE = "DLEX_DATA"
LIST = "datasets.toml"


class FullSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The set that a sample was taken from: its size, where it may lie below `DLEX_DATA`, and how one gets it."""

    shape: Text
    folders: tuple[str, ...]
    how: Text


class Dataset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One set: what it is, its files (path: SHA-256), and the class of torchvision that reads it."""

    name: str
    title: Text
    shape: Text
    licence: str
    source: Text
    script: str
    files: dict[str, str]
    torchvision: str | None = None
    full: FullSet | None = None


class DataFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of `datasets.toml`."""

    dataset: list[Dataset]


class Condition(Enum):
    """Whether a file is what the list says."""

    GOOD = "ok"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """One file of a set: its path from the folder of the data, its size (0 if it is missing), and its condition."""

    name: str
    sha256: str
    size: int
    condition: Condition


@dataclass(frozen=True, kw_only=True)
class DatasetReport:
    """A set as it is here: its files, the numbers of the exercises that use it, and the folder of the full set."""

    dataset: Dataset
    files: tuple[FileReport, ...]
    exercises: tuple[str, ...]
    full_folder: Path | None

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return sum(file.size for file in self.files)

    @property
    def is_whole(self) -> bool:
        """Whether every file is as it should be."""
        return all(file.condition is Condition.GOOD for file in self.files)


def read_datasets(course: Course) -> tuple[Dataset, ...]:
    """The course's sets in order; none if it lists none.  Raises `CourseError` for a list that is not usable."""
    path = course.datasets / LIST
    return tuple(read_toml(path, DataFile).dataset) if path.is_file() else ()


def find_dataset(datasets: tuple[Dataset, ...], wanted: str) -> Dataset:
    """The set of this name (`fashion-mnist` is `fashion_mnist`); raises `UsageError` with a guess."""
    import difflib

    key = wanted.strip().lower().replace("-", "_")
    names = {dataset.name: dataset for dataset in datasets}
    if key in names:
        return names[key]
    message = Text(en=f"There is no data set {wanted!r}", zh=f"没有数据集“{wanted}”")
    if near := difflib.get_close_matches(key, names, n=1, cutoff=0.6):
        message += Text(en=f": did you mean {near[0]}?", zh=f"：是不是 {near[0]}？")
    else:
        message += Text(en=".", zh="。")
    raise UsageError(message, Text(en="`dlex data` shows them all.", zh="`dlex data` 会列出全部数据集。"))


def data_path(course: Course, name: str) -> Path:
    """Where a file of the data lies; for a set, the folder that holds it, which is what torchvision calls its root.

    Raises `CourseError` if there is neither.

        data_path(course, "diabetes.csv")            # .../datasets/diabetes.csv
        MNIST(data_path(course, "mnist"), train=False)
    """
    if name in {dataset.name for dataset in read_datasets(course)}:
        return course.datasets
    path = course.datasets / name
    if not path.exists():
        raise CourseError(Text(en=f"The course has no data {name!r}.", zh=f"课程中没有数据“{name}”。"))
    return path


def report(course: Course, dataset: Dataset, environ: Mapping[str, str]) -> DatasetReport:
    """Look at the files of a set, and for the full one."""
    return DatasetReport(
        dataset=dataset,
        files=tuple(_look_at(course.datasets, name, digest) for name, digest in dataset.files.items()),
        exercises=tuple(e.number for e in course.exercises if _uses(e, dataset)),
        full_folder=find_full(dataset, full_sets(environ)),
    )


def full_sets(environ: Mapping[str, str]) -> Path | None:
    """The folder with full sets that `DLEX_DATA` names."""
    named = environ.get(VARIABLE)
    return Path(named).expanduser() if named else None


def find_full(dataset: Dataset, folder: Path | None) -> Path | None:
    """The folder below `folder` in which every file of the full set lies, packed with gzip or not."""
    if folder is None or dataset.full is None:
        return None
    names = [PurePosixPath(name).name for name in dataset.files]
    for place in (folder / name for name in dataset.full.folders):
        if all((place / name).is_file() or (place / f"{name}.gz").is_file() for name in names):
            return place
    return None


def _look_at(folder: Path, name: str, sha256: str) -> FileReport:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        return FileReport(name=name, sha256=sha256, size=0, condition=Condition.MISSING)
    same = hashlib.sha256(content).hexdigest() == sha256
    condition = Condition.GOOD if same else Condition.DAMAGED
    return FileReport(name=name, sha256=sha256, size=len(content), condition=condition)


def _uses(exercise: Exercise, dataset: Dataset) -> bool:
    """Whether an exercise names the set or one of its files; one that cannot be read is told of elsewhere."""
    try:
        return not {dataset.name, *dataset.files}.isdisjoint(exercise.info.data)
    except DlexError:
        return False
