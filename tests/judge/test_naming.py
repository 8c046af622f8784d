"""Names in an example for what the attempt holds."""

from __future__ import annotations

import pytest

from dlex.judge.naming import name_for, renamed


@pytest.mark.parametrize(
    ("type_name", "name"),
    [
        ("LinearModel", "model"),
        ("RNN", "rnn"),
        ("Conv2d", "d"),
        ("function", "function"),
        ("float", "value"),
        ("", "value"),
    ],
)
def test_a_thing_is_called_by_the_last_word_of_its_class_unless_that_is_pythons_own(type_name: str, name: str) -> None:
    assert name_for(type_name) == name


def test_an_expression_stays_as_it_was_written_unless_a_name_is_another() -> None:
    assert renamed("a  *  b", {"a": "a", "b": "b"}) == "a  *  b"
    assert renamed("a.a * b", {"a": "a_2", "b": "b"}) == "a_2.a * b"
