"""Reads idx files, the form of MNIST and of Fashion-MNIST, packed with gzip or not; the samples and the full sets."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TypeAlias

import numpy as np

from dlex.course.errors import CourseError
from dlex.course.text import Text

Bytes: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
PARTS = {"train": "train", "test": "t10k"}
# 0x08 says unsigned bytes; the number of dimensions is the last byte.
MAGIC = b"\x00\x00\x08"


def read_images(folder: Path, part: str) -> tuple[Bytes, Bytes]:
    """The pictures (N, 28, 28) and the labels (N,) of a part, `train` or `test`, both uint8.

    `folder` holds the four files: `datasets/MNIST/raw`, or what `find_full` found.  Raises `CourseError`.
    """
    prefix = PARTS[part]
    images = read_idx(folder / f"{prefix}-images-idx3-ubyte")
    labels = read_idx(folder / f"{prefix}-labels-idx1-ubyte")
    if len(images) != len(labels):
        raise _not_usable(folder, f"{len(images)} != {len(labels)}")
    return images, labels


def read_idx(path: Path) -> Bytes:
    """The array in an idx file, or in the same packed with gzip beside it; raises `CourseError`."""
    packed = path.with_name(f"{path.name}.gz")
    try:
        data = path.read_bytes() if path.is_file() else gzip.decompress(packed.read_bytes())
        if data[:3] != MAGIC:
            raise ValueError("no idx file of bytes")
        shape = np.frombuffer(data, ">u4", data[3], offset=4).tolist()
        # A copy, since what NumPy makes of bytes may not be written to.
        return np.frombuffer(data, np.uint8, offset=4 * (1 + data[3])).reshape(shape).copy()
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise _not_usable(path, error) from error


def _not_usable(path: Path, why: object) -> CourseError:
    return CourseError(
        Text(en="The data {path} are not usable: {why}", zh="数据 {path} 无法使用：{why}").format(path=path, why=why)
    )
