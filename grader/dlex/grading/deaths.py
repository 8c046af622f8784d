"""What follows when a judge dies over what an attempt answered, by a fault in C code or at the system's hand.

Once may be chance, or the machine's lack of memory, so the attempt is graded again.  When judges go on dying, the
checks in which they do are the attempt's loss, and at last all of them: no attempt is graded for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dlex.course.text import Text
from dlex.grading.result import Finding, Verdict

BELIEVED = 2  # so many judges must have died before it is told as the attempt's doing
HOPELESS = 3  # after so many, no check is tried any more

_ADVICE = Text(en="Return plain tensors, numbers and lists of a sensible size.", zh="请返回大小合理的张量、数或列表。")
_DIED_HERE = Finding(
    verdict=Verdict.CRASHED,
    message=Text(
        en="The process that checks your code died while it handled what your code returned, and died again on a "
        "second try.",
        zh="检查进程在处理你的代码返回的内容时崩溃，重试一次后再次崩溃。",
    ),
    next_step=_ADVICE,
)
_NOT_TRIED = Finding(
    verdict=Verdict.CRASHED,
    message=Text(
        en="The process that checks your code died again and again while it handled what your code returned, so this "
        "check was given up.",
        zh="检查进程在处理你的代码返回的内容时一再崩溃，因此放弃了这项检查。",
    ),
    next_step=_ADVICE,
)


def refused(died: Sequence[str], checks: Iterable[str]) -> dict[str, Finding]:
    """The checks that are not run any more, with what is told instead; `died` names a check for each judge lost."""
    if len(died) < BELIEVED:
        return {}
    here = dict.fromkeys(died, _DIED_HERE)
    return {**dict.fromkeys(checks, _NOT_TRIED), **here} if len(died) >= HOPELESS else here
