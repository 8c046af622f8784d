"""The `dataset` fixture: the course's data for the author of a spec, as paths and as tensors."""

from __future__ import annotations

from pathlib import Path

import torch

from dlex.course.data import data_path, find_dataset, read_datasets
from dlex.course.exercise import Course
from dlex.course.idx import read_images
from dlex.kit.own_fault import judge_only


class Data:
    """The course's data.  An attempt may read what lies there; hand it the path as text.

    def test_reads(attempt, dataset):
        found = attempt.load_diabetes(str(dataset("diabetes.csv")))
        loader = attempt.make_loader(root=str(dataset("mnist")))
        images, labels = dataset.images("mnist", "test")

    Full sets are never read here, so that an attempt gets the same result everywhere.
    """

    def __init__(self, course: Course) -> None:
        self._course = course

    def __call__(self, name: str) -> Path:
        """The path of a file; of a set, the folder that torchvision calls its root."""
        with judge_only():
            return data_path(self._course, name)

    def images(self, name: str, part: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The pictures, uint8 (N, 28, 28), and the labels, int64 (N,), of a part, `train` or `test`."""
        with judge_only():
            dataset = find_dataset(read_datasets(self._course), name)
            folder = (self._course.datasets / next(iter(dataset.files))).parent
            images, labels = read_images(folder, part)
        return torch.from_numpy(images), torch.from_numpy(labels).long()
