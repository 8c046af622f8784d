"""The learner's own picture of exercise 24: a graph with the values and gradients that the learner's Values have."""

import math

from dlex.kit import canvas, if_any

LEAVES = {"a": 0.8, "b": -0.5}
PROGRAM = {"u": "a * b", "t": "u.tanh()", "v": "u + t", "y": "v * a"}
GRADIENTS = {"a": -1.522204, "b": 1.187609, "u": 1.484511, "t": 0.8, "v": 0.8, "y": 1.0}  # by torch
PLACES = {"a": (0, 1.2), "b": (0, -1.2), "u": (2, -0.4), "t": (4, -1.2), "v": (6, -0.4), "y": (8, 0.6)}
EDGES = ("au", "bu", "ut", "uv", "tv", "vy", "ay")


def picture(attempt, say):
    """Each Value of a small graph: its number above, its gradient below, which is red unless it is right."""
    figure, axes = canvas(width=8)
    nodes = {name: if_any(attempt.Value, number) for name, number in LEAVES.items()}
    for name, text in PROGRAM.items():
        known = {other: node for other, node in nodes.items() if node is not None}
        nodes[name] = if_any(attempt.keep, attempt.library("builtins.eval"), text, None, known)
    if nodes["y"] is not None:
        if_any(nodes["y"].backward)
    for start, end in EDGES:
        arrow = {"arrowstyle": "-|>", "color": "#bbbbbb", "shrinkA": 22, "shrinkB": 22}
        axes.annotate("", PLACES[end], PLACES[start], arrowprops=arrow)
    for name, (x, y) in PLACES.items():
        label = f"{name} = {PROGRAM[name]}" if name in PROGRAM else name
        axes.text(x, y, label, ha="center", va="center", bbox={"boxstyle": "round", "fc": "#f6f3ea", "ec": "#bbbbbb"})
        data, grad = (_number(attempt, nodes[name], part) for part in ("data", "grad"))
        is_right = math.isclose(grad, GRADIENTS[name], abs_tol=1e-5)
        axes.text(x, y + 0.3, _shown(data), ha="center", va="bottom", color="#1f5f99")
        axes.text(x, y - 0.3, _shown(grad), ha="center", va="top", color="#2e8b57" if is_right else "#c0392b")
    title = say(en="value above; gradient below: green if right, else red", zh="上：值；下：梯度，绿色正确，红色有误")
    axes.set(xlim=(-0.8, 9), ylim=(-2, 2))
    axes.set_title(title, fontsize=11)
    axes.set_axis_off()
    return figure


def _number(attempt, node, part):
    """An attribute of a Value, as a number; NaN if it is none."""
    found = None if node is None else if_any(attempt.value, getattr(node, part))
    return float(found) if isinstance(found, (int, float)) else math.nan


def _shown(number):
    return "?" if math.isnan(number) else f"{number:.3f}"
