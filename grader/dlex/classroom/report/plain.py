"""A finding as plain lines: for the forms that hold text only (JUnit, Gradescope)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from dlex.feedback import telling
from dlex.feedback.language import speaking
from dlex.protocol.result import Finding


def told(finding: Finding, language: str) -> str:
    """All that a finding says in `language`, a line each; what a learner reads on the screen, without its colours."""
    with speaking(language):
        return "\n".join(line for line in _lines(finding) if line)


def _lines(finding: Finding) -> Iterator[str]:
    yield telling.fact(finding)
    if finding.comparison is not None:
        for name, text in telling.comparison_rows(finding, finding.comparison):
            yield f"{name}: {text}"
    for frame in finding.traceback[-telling.FRAMES :]:
        yield f"{telling.shown_path(frame.file)}:{frame.line} {frame.function}".rstrip()
        yield textwrap.indent(telling.pointed(frame), "    ")
    yield telling.meaning(finding)
    yield telling.next_step(finding)
