"""Where in the learner's file a process is that does not answer."""

from __future__ import annotations

from collections.abc import Sequence

from dlex.course.source import AttemptSource
from dlex.protocol.result import Frame


class Places:
    """Finds the learner's own line in a stack, of which an attempt may print anything."""

    def __init__(self, source: AttemptSource) -> None:
        self._source = source
        # As faulthandler writes a name that is not ASCII.
        self._file = source.filename.encode("ascii", "backslashreplace").decode("ascii")

    def of(self, stack: Sequence[tuple[str, int, str]]) -> tuple[Frame, ...]:
        """The learner's lines in a stack that begins with the innermost call; here the outermost comes first."""
        lines = self._source.text.splitlines()
        own = [place for place in reversed(stack) if place[0] == self._file and 1 <= place[1] <= len(lines)]
        found = [Frame(self._source.filename, line, function, lines[line - 1].strip()) for _, line, function in own]
        return tuple(frame.clipped() for frame in found)
