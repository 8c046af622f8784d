"""Draws picture.svg of exercise 15: one run without a break, and how it goes on if a part of the checkpoint is lost."""

import tempfile
from pathlib import Path

import matplotlib
import torch
from checkpoint_resume import load_checkpoint, save_checkpoint, train_epoch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

matplotlib.use("svg")
from matplotlib import pyplot as plt

PICTURE = Path(__file__).resolve().parents[2] / "exercises" / "15_checkpoint_resume" / "picture.svg"

INK, PALE = "#334155", "#94a3b8"
BREAK, EPOCHS = 6, 14
Run = tuple[nn.Module, DataLoader, nn.Module, torch.optim.Optimizer]


def new_run(seed: int) -> Run:
    """A network, noisy data (the same in every run), and momentum, as a new process would begin."""
    made = torch.Generator().manual_seed(1)
    x = torch.randn(60, 4, generator=made)
    y = x[:, :1] * x[:, 1:2] + 0.1 * torch.randn(60, 1, generator=made)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Dropout(0.1), nn.Linear(24, 1))
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
    return model, loader, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.95)


def unbroken() -> list[float]:
    """The losses without a break."""
    run = new_run(3)
    return [train_epoch(*run) for _ in range(EPOCHS)]


def resumed(lost: str = "") -> list[float]:
    """The losses after the break, if one part of the checkpoint is lost."""
    model, loader, criterion, optimizer = new_run(3)
    for _ in range(BREAK):
        train_epoch(model, loader, criterion, optimizer)
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(f"{folder}/run.pt", model, optimizer, BREAK)
        model, loader, criterion, optimizer = new_run(4)
        random = torch.get_rng_state()
        other = new_run(4)[3]
        load_checkpoint(f"{folder}/run.pt", model, other if lost == "optimizer" else optimizer)
    if lost == "random":
        torch.set_rng_state(random)
    return [train_epoch(model, loader, criterion, optimizer) for _ in range(EPOCHS - BREAK)]


def main() -> None:
    """Write the picture."""
    plt.rcParams["svg.hashsalt"] = "dlex"  # the same file every time
    figure, axes = plt.subplots(figsize=(7.2, 3.8))
    whole, later = unbroken(), range(BREAK + 1, EPOCHS + 1)
    axes.plot(range(1, EPOCHS + 1), whole, color=INK, lw=2, label="no break")
    axes.plot(later, resumed(), "o", color="#16a34a", ms=7, label="all parts restored")
    axes.plot(later, resumed("optimizer"), "s--", color="#dc2626", ms=4, lw=1.2, label="optimizer lost")
    axes.plot(later, resumed("random"), "^--", color="#d97706", ms=4, lw=1.2, label="random state lost")
    axes.axvline(BREAK + 0.5, color=PALE, ls=":")
    axes.text(BREAK + 0.4, axes.get_ylim()[1] * 0.97, "break", ha="right", va="top", color=INK)
    axes.set(xlabel="epoch", ylabel="loss", xticks=range(1, EPOCHS + 1))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight", facecolor="white")


if __name__ == "__main__":
    main()
