"""Draws that come once in a thousand runs and let a mistake pass, until the specs met them."""

from __future__ import annotations

import pytest

from dlex.authoring.mistakes import find_mistake, whole_attempt
from dlex.course.exercise import find_course
from dlex.course.source import AttemptSource
from dlex.protocol.request import GradeRequest
from dlex.server import client

# With these seeds no logit of the first draw is negative, so that a ReLU behind them does not show.
RARE = [
    ("09_convolution", "activation_on_logits", 1534),
    ("09_convolution", "activation_on_logits", 5246),
    ("10_inception_block", "relu_on_logits", 5222),
    ("10_inception_block", "relu_on_logits", 7758),
    ("11_residual_block", "relu_on_logits", 2653),
    ("11_residual_block", "relu_on_logits", 2898),
]


@pytest.mark.parametrize(("name", "diagnosis", "seed"), RARE)
def test_a_mistake_that_a_rare_draw_hides(name: str, diagnosis: str, seed: int) -> None:
    exercise = find_course().find(name)
    text = whole_attempt(exercise, find_mistake(exercise, diagnosis))
    source = AttemptSource(text, exercise.stub.name, None)
    request = GradeRequest(course=str(exercise.course.root), exercise=name, source=source, device="cpu", seed=seed)
    findings = {check.id: check.finding for check in client.grade(request).checks}
    found = findings["net_values"]
    assert found is not None
    assert found.diagnosis == diagnosis
