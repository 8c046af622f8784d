"""The learner's own picture of exercise 27: the three losses of one error, and how hard they pull."""

import torch

from dlex.kit import canvas, if_any

ERRORS = torch.linspace(-3, 3, 61)
GOAL = torch.zeros(1)
BETA = 1.0
LOSSES = (("l1_loss", "#d98200", "--"), ("l2_loss", "#1f5f99", ":"), ("smooth_l1_loss", "#c0392b", "-"))


def picture(attempt, say):
    """What each loss makes of an error, and its slope from one error to the next."""
    figure, (left, right) = canvas(2, width=9)
    for name, color, style in LOSSES:
        given = (BETA,) if name == "smooth_l1_loss" else ()
        costs = _costs(attempt, name, given)
        if costs is not None:
            left.plot(ERRORS, costs, style, color=color, lw=2, label=name)
            right.plot((ERRORS[1:] + ERRORS[:-1]) / 2, costs.diff() / ERRORS.diff(), style, color=color, lw=2)
    for axes in (left, right):
        axes.axhline(0, color="#bbbbbb", lw=0.8, zorder=0)
        axes.axvline(0, color="#bbbbbb", lw=0.8, zorder=0)
        axes.set_xlabel(say(en="error", zh="误差"))
    left.set_title(say(en="the loss", zh="损失"))
    right.set_title(say(en="how hard it pulls: the slope", zh="拉力：损失的斜率"))
    if left.get_legend_handles_labels()[0]:
        left.legend(frameon=False)
    return figure


def _costs(attempt, name, given):
    """The loss of each error by itself; None if there is one that cannot be drawn."""
    found = [if_any(attempt[name], error[None], GOAL, *given) for error in ERRORS]
    if not all(isinstance(cost, torch.Tensor) and cost.numel() == 1 for cost in found):
        return None
    return torch.stack([cost.detach().float().reshape(()) for cost in found])
