"""The learner's own picture of exercise 23: the Jacobian of a layer by the formula, beside the numerical one."""

import torch

from dlex.kit import canvas, if_any

W = torch.tensor([[1.0, -0.5, 0.0, 0.8], [0.3, 0.9, -1.0, 0.0], [-0.7, 0.0, 0.6, 1.2]], dtype=torch.float64)
X = torch.tensor([0.4, -0.6, 0.2, 0.5], dtype=torch.float64)
LAYER = f"lambda x: (x.new_tensor({W.tolist()}) @ x).tanh()"


def picture(attempt, say):
    """Both Jacobians as coloured tables, and how far they are apart."""
    figure, (left, right) = canvas(2, width=8)
    layer = attempt.keep(attempt.library("builtins.eval"), LAYER)
    formula = _matrix(if_any(attempt.jacobian_layer, W, X))
    numerical = _matrix(if_any(attempt.numerical_jacobian, layer, X))
    _table(left, formula, say(en="jacobian_layer: the formula", zh="jacobian_layer：公式"), say)
    _table(right, numerical, say(en="numerical_jacobian: differences", zh="numerical_jacobian：差分"), say)
    if formula is not None and numerical is not None and formula.shape == numerical.shape:
        apart = f"{(formula - numerical).abs().max().item():.1e}"
        figure.suptitle(say(en=f"largest difference {apart}", zh=f"最大相差 {apart}"), fontsize=11)
    return figure


def _matrix(found):
    """What came as a small table of real numbers; None if it is none."""
    if not isinstance(found, torch.Tensor) or found.dim() not in (1, 2) or not 0 < found.numel() <= 64:
        return None
    return None if found.is_complex() else torch.atleast_2d(found.detach().double())


def _table(axes, matrix, title, say):
    """The entries as colours and numbers, a row for each output."""
    axes.set_title(title, fontsize=11)
    if matrix is None:
        axes.set_axis_off()
        return
    rows, columns = matrix.shape
    axes.imshow(matrix.nan_to_num().numpy(), cmap="RdBu", vmin=-1.6, vmax=1.6)
    for i in range(rows):
        for j in range(columns):
            axes.text(j, i, f"{matrix[i, j].item():.2f}", ha="center", va="center", fontsize=10)
    axes.set(xticks=range(columns), yticks=range(rows), xlabel=say(en="input j", zh="输入 j"))
    axes.set_ylabel(say(en="output i", zh="输出 i"))
