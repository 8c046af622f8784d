"""The course's data are what their list and their pages say."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from dlex.course.data import Condition, Dataset, find_full, full_sets, read_datasets, report
from dlex.course.exercise import Course
from dlex.course.idx import read_images

ROOT = Path(__file__).parents[2]
COURSE = Course(ROOT)
DATASETS = COURSE.datasets
SETS = {dataset.name: dataset for dataset in read_datasets(COURSE)}
PAGES = ("README.md", "README.zh-CN.md")
NOT_DATA = {*PAGES, "datasets.toml"}
# Name: pictures of each class for training and for test, in the sample.
IMAGES = {"mnist": (400, 100), "fashion_mnist": (250, 50)}
# Mean and standard deviation of all training pictures, as everybody quotes them.
PUBLISHED = {"mnist": (0.1307, 0.3081), "fashion_mnist": (0.2860, 0.3530)}
COUNTRIES = 18

# | `file` | bytes | `sha256` | `script` |
ROW = re.compile(r"^\| `([^`]+)` \| ([0-9,]+) \| `([0-9a-f]{64})` \| `([^`]+\.py)` \|$", re.MULTILINE)


def files_on_page(page: str) -> dict[str, tuple[int, str, str]]:
    """Size, checksum and script of each file in the table of a page."""
    text = (DATASETS / page).read_text(encoding="utf-8")
    return {name: (int(size.replace(",", "")), sha256, script) for name, size, sha256, script in ROW.findall(text)}


def images_of(dataset: Dataset) -> Path:
    """The folder of the sample's four files."""
    return (DATASETS / next(iter(dataset.files))).parent


@pytest.mark.parametrize("name", SETS)
def test_files_are_whole(name: str) -> None:
    """Every file of the list is there with its checksum, and a set takes at most 1.5 MB as git packs it."""
    files = report(COURSE, SETS[name], {}).files
    assert [file.name for file in files if file.condition is not Condition.GOOD] == []
    assert sum(len(zlib.compress((DATASETS / file.name).read_bytes())) for file in files) < 1_500_000


def test_every_file_is_listed() -> None:
    """What lies in the folder is data, or made the data, or tells of it."""
    listed = {name for dataset in SETS.values() for name in dataset.files}
    scripts = {dataset.script for dataset in SETS.values()}
    present = {p.relative_to(DATASETS).as_posix() for p in DATASETS.rglob("*") if p.is_file() and p.suffix != ".pyc"}
    assert present - NOT_DATA == listed | scripts


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_say_what_the_list_says(page: str) -> None:
    """Both pages name the same files, sizes, checksums, scripts and licences as the list."""
    wanted = {
        file.name: (file.size, file.sha256, dataset.script)
        for dataset in SETS.values()
        for file in report(COURSE, dataset, {}).files
    }
    assert files_on_page(page) == wanted
    text = (DATASETS / page).read_text(encoding="utf-8")
    for dataset in SETS.values():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{dataset.name}` |"))
        assert f"| {dataset.licence}" in row
        assert dataset.shape.in_language("en" if page == PAGES[0] else "zh-CN").split()[0] in row


def test_exercises_name_data_that_exist() -> None:
    """What `exercise.toml` lists as data is a set or a file of one."""
    known = {name for dataset in SETS.values() for name in (dataset.name, *dataset.files)}
    used = {(e.name, name) for e in COURSE.exercises for name in e.info.data}
    assert {(exercise, name) for exercise, name in used if name not in known} == set()


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("part", ["train", "test"])
def test_images(name: str, part: str) -> None:
    """As many pictures of each class, no two alike, well mixed, and as bright as the full set's."""
    images, labels = read_images(images_of(SETS[name]), part)
    each = IMAGES[name][part == "test"]
    assert images.dtype == labels.dtype == np.uint8
    assert images.shape == (10 * each, 28, 28)
    assert np.bincount(labels).tolist() == [each] * 10
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)
    assert (np.bincount(labels[: len(labels) // 5], minlength=10) > 0).all()
    mean, deviation = PUBLISHED[name]
    assert images.mean() / 255 == pytest.approx(mean, rel=0.05)
    assert images.std() / 255 == pytest.approx(deviation, rel=0.05)


@pytest.mark.parametrize("name", IMAGES)
def test_no_test_picture_is_in_training(name: str) -> None:
    """The parts have nothing in common."""
    train, test = ({image.tobytes() for image in read_images(images_of(SETS[name]), p)[0]} for p in ("train", "test"))
    assert train.isdisjoint(test)


READ = """
import json, sys
from dlex.attempt import torchvision_bridge
torchvision_bridge.install()
import torchvision
root, name = sys.argv[1:]
for train in (True, False):
    data = getattr(torchvision.datasets, name)(root=root, train=train, transform=torchvision.transforms.ToTensor())
    image, label = data[0]
    print(json.dumps([len(data), list(image.shape), label, round(float(image.sum() * 255))]))
"""


def read_by_torchvision(root: Path, name: str) -> list[str]:
    """What torchvision sees of both parts, in a process of its own: the bridge has to come before the import."""
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("needs torchvision")
    command = [sys.executable, "-c", READ, str(root), name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "grader")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", IMAGES)
def test_torchvision_reads_the_sample(name: str) -> None:
    """torchvision reads the same pictures as dlex, with nothing to unpack or to download."""
    dataset = SETS[name]
    assert dataset.torchvision is not None
    for said, part in zip(read_by_torchvision(DATASETS, dataset.torchvision), ("train", "test"), strict=True):
        images, labels = read_images(images_of(dataset), part)
        assert said == f"[{len(images)}, [1, 28, 28], {labels[0]}, {images[0].sum()}]"


@pytest.mark.parametrize("name", IMAGES)
def test_the_full_set_where_it_is(name: str) -> None:
    """60,000 and 10,000 pictures with the published mean and deviation, and the sample among them."""
    folder = find_full(SETS[name], full_sets(os.environ))
    if folder is None:
        pytest.skip(f"DLEX_DATA names no folder with the full {name}")
    images, labels = read_images(folder, "train")
    assert images.shape == (60_000, 28, 28)
    assert (images.mean() / 255, images.std() / 255) == pytest.approx(PUBLISHED[name], abs=1e-4)
    assert read_images(folder, "test")[0].shape == (10_000, 28, 28)
    known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    sample = zip(*read_images(images_of(SETS[name]), "train"), strict=True)
    assert all(known.get(image.tobytes()) == label for image, label in sample)


@pytest.fixture(scope="module")
def names() -> dict[str, list[tuple[str, str]]]:
    """The rows of both files of names, split as an exercise would."""
    rows = {}
    for part in ("train", "test"):
        lines = (DATASETS / f"names_{part}.csv").read_text(encoding="ascii").splitlines()
        rows[part] = [(name, country) for name, country in (line.split(",") for line in lines)]
    return rows


def test_names_are_ascii(names: dict[str, list[tuple[str, str]]]) -> None:
    """A name has letters of ASCII, and between them spaces, hyphens and apostrophes; no row is there twice."""
    rows = [*names["train"], *names["test"]]
    assert len(set(rows)) == len(rows)
    assert [name for name, _ in rows if not re.fullmatch(r"[A-Za-z][A-Za-z' -]*[A-Za-z]", name)] == []
    assert max(len(name) for name, _ in rows) == 22


def test_names_are_split(names: dict[str, list[tuple[str, str]]]) -> None:
    """Both files have every country, a fifth of the names is for the test, and none of them was seen in training."""
    train, test = (Counter(country for _, country in names[part]) for part in ("train", "test"))
    assert len(train) == len(test) == COUNTRIES
    assert {country for country in train if not 0.1 < test[country] / (train + test)[country] < 0.3} == set()
    assert sum(test.values()) / sum((train + test).values()) == pytest.approx(0.2, abs=0.01)
    assert {name for name, _ in names["train"]}.isdisjoint(name for name, _ in names["test"])


def test_names_are_mixed(names: dict[str, list[tuple[str, str]]]) -> None:
    """The first tenth of the training rows has every country."""
    rows = names["train"]
    assert len({country for _, country in rows[: len(rows) // 10]}) == COUNTRIES


@pytest.fixture(scope="module")
def diabetes() -> np.ndarray:
    """The table as the lectures read it."""
    return np.loadtxt(DATASETS / "diabetes.csv", delimiter=",", dtype=np.float32)


def test_diabetes_shape(diabetes: np.ndarray) -> None:
    """768 rows, eight features and a label."""
    assert diabetes.shape == (768, 9)


def test_diabetes_features_are_scaled(diabetes: np.ndarray) -> None:
    """Each feature lies in [-1, 1] and reaches 1, and -1 where the least value is a real measurement."""
    features = diabetes[:, :8]
    assert np.abs(features).max() == 1
    assert (features.max(axis=0) == 1).all()
    assert ((features.min(axis=0) == -1) == [True, False, False, False, False, False, True, True]).all()


def test_diabetes_missing_values_lie_in_the_middle(diabetes: np.ndarray) -> None:
    """What was not measured is 0; so are a pressure of 61 and eight ages of 51, of themselves."""
    zeros = (diabetes[:, :8] == 0).sum(axis=0)
    assert zeros.tolist() == [0, 5, 35 + 1, 227, 374, 11, 0, 8]


def test_diabetes_labels(diabetes: np.ndarray) -> None:
    """500 negative, 268 positive, and nothing between."""
    values, counts = np.unique(diabetes[:, 8], return_counts=True)
    assert dict(zip(values.tolist(), counts.tolist(), strict=True)) == {0.0: 500, 1.0: 268}


def test_diabetes_first_row(diabetes: np.ndarray) -> None:
    """Six pregnancies of 17, glucose 148 of 199, insulin not measured, 50 years old, positive."""
    first = diabetes[0]
    wanted = [2 * 6 / 17 - 1, 2 * 148 / 199 - 1, 0, 2 * (50 - 21) / (81 - 21) - 1, 1]
    np.testing.assert_allclose(first[[0, 1, 4, 7, 8]], wanted, atol=1e-6)
