"""The cause first: a check that only fails because another function of the learner's is wrong says so, and no more.

When all checks are done, those that failed are run once more, to see what of the learner's code each of them led to.
The function that a failed check is about is the one whose answer it refused.  Where another check leads to that
function, it is tried with right answers in its place: if it passes, it follows; if not, it has a fault of its own.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from dlex.course.text import Text, same
from dlex.judge.again import ENDED, Failed, replace_finding, run_again, the_same_seeds
from dlex.judge.answers import Answers
from dlex.judge.example import LOOKING
from dlex.judge.transcript import MAX_EXCHANGES, Exchange, Transcript, made_by, references
from dlex.protocol.failure import UNKNOWN, CheckFailure
from dlex.protocol.result import Finding, Verdict

if TYPE_CHECKING:
    from dlex.judge.plugin import Grading

SHORT, LONGEST = 1.0, 5.0  # seconds: what takes longer is not tried again, and how long a try may take
# What is forbidden gives right values all the same, and what is not written says so itself.
NO_CAUSE = ENDED | {Verdict.FORBIDDEN_OP, Verdict.UNATTEMPTED, Verdict.NOT_RUN, Verdict.GRADER_ERROR}
PROVED = Text(
    en="Follows from {names}, whose own check failed: with a right {names} this check passes.",
    zh="由 {names} 引起（它自己的检查未通过）：{names} 改对之后，这项检查就能通过。",
)
USED = Text(
    en="This check uses {names}, whose own check failed: put that right first.",
    zh="这项检查用到了 {names}，而它自己的检查未通过：请先改好它。",
)
STILL = Text(en="With a right {names} in its place, too.", zh="换上正确的 {names} 之后也是如此。")


@dataclass(frozen=True)
class _Look:
    """A check that failed, the learner's function that it is about, and all of them that it led to."""

    failed: Failed
    subject: str
    ran: frozenset[str]


def tell_causes(grading: Grading, failed: Sequence[Failed]) -> list[Failed]:
    """The failed checks, those that follow from others with the finding that says so, which is noted too."""
    tried = [each for each in failed if each.finding.verdict not in NO_CAUSE and each.seconds <= SHORT]
    if len(tried) < 2:
        return list(failed)
    looks = [look for each in tried if (look := _look(grading, each)) is not None]
    told = {look.failed.check: _told(grading, look, causes) for look in looks if (causes := _causes(look, looks))}
    for each in failed:
        if each.check in told:
            replace_finding(grading, each.check, each.finding, told[each.check])
    return [replace(each, finding=told.get(each.check, each.finding)) for each in failed]


def _look(grading: Grading, failed: Failed) -> _Look | None:
    """Run a check once more as it was; None if it does not fail in the same way, or is about nothing in particular."""
    if not grading.session.is_running:
        return None
    inputs, seeds = failed.same_inputs(grading), the_same_seeds(grading, failed)
    failure = run_again(grading, failed, inputs, seeds, seconds=LONGEST, followed=True, noted=MAX_EXCHANGES)
    if not isinstance(failure, CheckFailure) or _kind(failure.finding) != _kind(failed.finding):
        return None
    subject = subject_of(grading.session.transcript, failure)
    return None if subject is None else _Look(failed, subject, grading.session.ran())


def _kind(finding: Finding) -> tuple[Verdict, str | None]:
    return finding.verdict, finding.diagnosis


def subject_of(transcript: Transcript, failure: CheckFailure) -> str | None:
    """The learner's function or class whose answer was refused, or which raised; None if that cannot be told."""
    found = transcript.source_of(failure.actual) if failure.actual is not UNKNOWN else None
    if found is not None:
        return _name_of(transcript, found[0])
    raised = failure.finding.raised is not None
    working = [exchange for exchange in transcript.exchanges if raised or exchange.name not in LOOKING]
    return _name_of(transcript, working[-1]) if working else None


def _name_of(transcript: Transcript, exchange: Exchange) -> str | None:
    """The learner's name behind a request: what is called, or what the thing that it is asked of was made by."""
    for reference in references(exchange):
        if reference.root == "module":
            return reference.path[0]
        made = [each for each in transcript.exchanges if made_by(each) == reference.root and each is not exchange]
        if isinstance(reference.root, int) and made:
            return _name_of(transcript, made[0])
    return None


def _causes(look: _Look, looks: Sequence[_Look]) -> list[str]:
    """The functions that this check led to, and whose own checks failed by no other's fault."""
    own = [other.subject for other in looks if not _led_to(other, looks)]
    return [name for name in dict.fromkeys(own) if name in _led_to(look, looks)]


def _led_to(look: _Look, looks: Sequence[_Look]) -> set[str]:
    """The functions with a failed check of their own that this one led to."""
    return {other.subject for other in looks if other.subject in look.ran} - {look.subject}


def _told(grading: Grading, look: _Look, causes: list[str]) -> Finding:
    """What the check finds: that it follows, that it uses what is wrong, or its own fault."""
    names = same(", ".join(f"`{name}`" for name in causes))
    functions = {name: getattr(grading.reference(), name, None) for name in causes}
    plain = {name: f for name, f in functions.items() if isinstance(f, types.FunctionType)}
    used = _follows(USED.format(names=names), causes)
    if len(plain) < len(causes) or grading.session.device != "cpu" or not grading.session.is_running:
        return used
    answers = Answers(plain)
    failed = look.failed
    inputs, seeds = failed.same_inputs(grading), the_same_seeds(grading, failed)
    ended = run_again(grading, failed, inputs, seeds, seconds=LONGEST, answers=answers)
    if answers.is_short or (ended is not None and not isinstance(ended, CheckFailure)):
        return used
    if ended is None:
        return _follows(PROVED.format(names=names), causes)
    if _kind(ended.finding) == _kind(failed.finding):
        return failed.finding
    why = ended.finding.explanation
    still = STILL.format(names=names)
    return msgspec.structs.replace(ended.finding, explanation=still if why is None else why + same(" ") + still)


def _follows(message: Text, causes: Sequence[str]) -> Finding:
    return Finding(verdict=Verdict.FOLLOWS, message=message, follows=tuple(causes))
