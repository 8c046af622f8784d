"""A right attempt passes in the form in which learners bring it: a Windows file, the rest of the script around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlex.course.exercise import Exercise, find_course
from dlex.course.source import read_attempt
from dlex.protocol.request import GradeRequest
from dlex.protocol.result import ExerciseResult, Status
from dlex.server.client import grade

BOM = b"\xef\xbb\xbf"
HEAD = """\
# -*- coding: utf-8 -*-
# 刘二大人 PyTorch 深度学习实践
import os
os.environ['KMP_DUPLICATE_LIB_OK'] = 'TRUE'
import matplotlib
matplotlib.use('TkAgg')
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.autograd import Variable
from torchvision import datasets, transforms
"""
TAIL = """

# 准备数据集
train_dataset = datasets.MNIST(root='../dataset/mnist/', train=True, download=True, transform=transforms.ToTensor())
xy = np.loadtxt('diabetes.csv.gz', delimiter=',', dtype=np.float32)
print('共有', len(xy), '个样本')
x_data = Variable(torch.Tensor([[1.0], [2.0], [3.0]]))
plt.plot(x_data.data.numpy())
plt.xlabel('轮数')
plt.show()
if __name__ == '__main__':
    raise SystemExit('训练不应在评测时运行')
"""
EXERCISES = find_course().exercises


def graded(exercise: Exercise, path: Path) -> ExerciseResult:
    """The result of a file that lies in a folder of its own."""
    source = read_attempt(str(path), number=exercise.number, slug=exercise.slug)
    return grade(GradeRequest(course=str(exercise.course.root), exercise=exercise.name, source=source))


def as_a_script(text: str) -> bytes:
    """`text` with the script of a lecture around it, as Windows writes it."""
    future, line, rest = text.partition("from __future__ import annotations\n")
    script = future + line + HEAD + rest + TAIL if line else HEAD + text + TAIL
    return BOM + script.replace("\n", "\r\n").encode()


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("exercise", EXERCISES, ids=[e.name for e in EXERCISES])
def test_the_reference_within_a_lectures_script(exercise: Exercise, tmp_path: Path) -> None:
    """Everything passes, and each old habit gets its note; `.data` is none where a class has its own."""
    path = tmp_path / f"{exercise.slug}.py"
    reference = exercise.reference.read_text(encoding="utf-8")
    path.write_bytes(as_a_script(reference))
    result = graded(exercise, path)
    assert result.status is Status.PASSED, [(c.id, c.finding) for c in result.checks if c.finding] or result.reason
    notes = "\n".join(note.en for note in result.notes)
    for word in ("asks for a file", "__main__", "plt.show", "Variable", "torch.Tensor", "downloaded"):
        assert word in notes, word
    assert (".data" in notes) == ("self.data = " not in reference)
