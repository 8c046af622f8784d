"""Reading idx files, packed or not, and what is said of files that are none."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from dlex.course.errors import CourseError
from dlex.course.idx import read_idx, read_images

HEADER = bytes([0, 0, 8, 3]) + np.array([2, 3, 4], ">u4").tobytes()
IMAGES = HEADER + bytes(range(24))
LABELS = bytes([0, 0, 8, 1]) + np.array([2], ">u4").tobytes() + b"\x05\x07"


def test_an_array(tmp_path: Path) -> None:
    """The shape is in the header, the last dimension runs first, and the array may be written to."""
    (tmp_path / "x").write_bytes(IMAGES)
    found = read_idx(tmp_path / "x")
    assert found.tolist() == np.arange(24).reshape(2, 3, 4).tolist()
    assert found.dtype == np.uint8
    found[0] = 0


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("part", "prefix"), [("train", "train"), ("test", "t10k")])
def test_images(tmp_path: Path, part: str, prefix: str, packed: bool) -> None:
    for name, content in (("images-idx3-ubyte", IMAGES), ("labels-idx1-ubyte", LABELS)):
        path = tmp_path / f"{prefix}-{name}{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    images, labels = read_images(tmp_path, part)
    assert images.shape == (2, 3, 4)
    assert labels.tolist() == [5, 7]


def test_fewer_labels_than_images(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(IMAGES)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 1, 5]))
    with pytest.raises(CourseError, match="2 != 1"):
        read_images(tmp_path, "train")


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", b"\0\0\x0d\x01\0\0\0\0", IMAGES[:-1], HEADER[:9], b"<html>no</html>"]
)
def test_what_is_no_idx_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(CourseError, match="x are not usable: "):
        read_idx(tmp_path / "x")


@pytest.mark.parametrize("content", [b"not gzip", gzip.compress(IMAGES, mtime=0)[:-12]])
def test_what_is_badly_packed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.gz").write_bytes(content)
    with pytest.raises(CourseError, match="x are not usable: "):
        read_idx(tmp_path / "x")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="x are not usable: "):
        read_idx(tmp_path / "x")
