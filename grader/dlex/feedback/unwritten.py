"""What is not written yet, in the order of the task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlex.course.unwritten import Unwritten
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.feedback.words import listed
from dlex.protocol.result import CheckResult, Verdict


def told(checks: Sequence[CheckResult], found: Sequence[Unwritten] = ()) -> list[str]:
    """The sentences on what is not written; none if all is.

    `found` is what the source shows; without it, and for what it does not show, the checks' own sentences stand.
    """
    findings = [c.finding for c in checks if c.verdict is Verdict.UNATTEMPTED and c.finding]
    if not findings:
        return []
    own = [f.sentence.in_language(language()) for f in findings]
    rest = dict.fromkeys(said for said in own if not any(f"`{one.name.rpartition('.')[2]}`" in said for one in found))
    return [*rest, *_found(found)]


def _found(found: Sequence[Unwritten]) -> Iterator[str]:
    waiting = [one for one in found if one.line is not None]
    missing = [f"`{one.name}`" for one in found if one.line is None]
    if waiting:
        first, *others = waiting
        place = _("Next: `{name}` (line {line})").format(name=first.name, line=first.line)
        then = listed(f"`{one.name}`" for one in others)
        yield _("{first}, then {others}.").format(first=place, others=then) if others else place + _(".")
    if len(missing) == 1:
        yield _("Your file defines no {name}.").format(name=missing[0])
    elif missing:
        yield _("Your file defines none of: {names}.").format(names=listed(missing))
