"""The hidden checks of exercise 03."""

from __future__ import annotations

import pytest
import torch

from dlex.kit import Attempt, Inputs, expect


@pytest.mark.points(1)
def test_parameters(attempt: Attempt) -> None:
    """There is one parameter, and it is one.

    zh: 只有一个参数，其值为一。
    """
    module = attempt.Scale()
    found = attempt.parameters(module)
    expect(len(found)).equals(1)
    expect(found[0].value).close_to(torch.ones(1))
    (layout,) = attempt.parameters(module, content=False)
    expect((layout.name, layout.identity)).equals((found[0].name, found[0].identity))
    expect((layout.value.dtype, layout.value.is_meta)).equals((torch.float32, True))
    expect(torch.zeros(layout.value.shape).sum()).close_to(torch.zeros(()))


@pytest.mark.points(1)
def test_forward(attempt: Attempt, rng: Inputs) -> None:
    """The weight is used.

    zh: 用到了权重。
    """
    module, x, weight = attempt.Scale(), rng.normal(3, 2), rng.normal(1)
    attempt.load_parameters(module, [weight])
    expect(module(x)).close_to(x * weight)


@pytest.mark.points(1)
def test_state(attempt: Attempt) -> None:
    """The state dictionary holds one tensor.

    zh: 状态字典含一个张量。
    """
    expect(len(attempt.state(attempt.Scale()))).equals(1)


@pytest.mark.points(1)
def test_tree(attempt: Attempt) -> None:
    """Nothing else is registered.

    zh: 没有注册其他模块。
    """
    module = attempt.Scale()
    expect([m.kind for m in attempt.modules(module)]).equals(["Scale"])
    (bare,) = attempt.modules(module, settings=False)
    expect((bare.kind, bare.settings)).equals(("Scale", {}))
