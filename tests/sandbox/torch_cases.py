"""Runs each case below as an attempt of a process that has torch loaded; prints the answers as JSON."""

from __future__ import annotations

import gc
import json
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from sandbox_harness import Runner, tried

from dlex.sandbox import Limits, Policy, default_read_paths


class Numbers(torch.utils.data.Dataset[torch.Tensor]):
    """0 to 5."""

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.tensor(index)


def matmul() -> bool:
    torch.set_num_threads(2)
    square = torch.ones(512, 512)
    return bool((square @ square).eq(512).all())


def numpy() -> float:
    return float((np.ones((4, 4)) @ np.ones((4, 4))).mean())


def training() -> bool:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.Flatten(), torch.nn.Linear(4 * 36, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    inputs = torch.randn(16, 1, 8, 8)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = model(inputs).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[-1] < losses[0]


def backward() -> float:
    x = torch.full((2, 2), 1.0, requires_grad=True)
    (x.square().sum() * 1.0).backward()
    assert x.grad is not None
    return float(x.grad.sum())


def loader() -> list[list[int]]:
    batches = torch.utils.data.DataLoader(Numbers(), batch_size=2, num_workers=2)
    return [batch.tolist() for batch in batches]


def figure() -> bool:
    drawing, axes = plt.subplots()
    axes.plot([1, 2])
    axes.set_title("title")
    drawing.savefig("figure.png")
    return Path("figure.png").stat().st_size > 1000


def saved() -> list[float]:
    torch.save(torch.ones(2), "tensor.pt")
    loaded: list[float] = torch.load("tensor.pt").tolist()
    return loaded


def late_import() -> bool:
    import colorsys
    import sqlite3

    return bool(colorsys and sqlite3)


def too_much() -> str:
    return tried(lambda: torch.ones(1 << 30))


CASES = [matmul, numpy, training, backward, loader, figure, saved, late_import, too_much]


def main() -> None:
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        place.chmod(0o755)
        policy = Policy(read=default_read_paths(), hidden=(), scratch=place / "scratch", limits=Limits())
        outcomes = {case.__name__: Runner(policy)(case) for case in CASES}
    print(json.dumps({name: [o.exit, o.value, o.output] for name, o in outcomes.items()}))


if __name__ == "__main__":
    main()
