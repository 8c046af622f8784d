"""Whose fault is an exception inside a spec?

The attempt's, once the judge handles what came from it: `author verify` proves that a spec runs through on the
reference, so what came is of a form with which the spec cannot go on.  Before that, and where the spec says so with
`judge_only`, it is ours.
"""

from __future__ import annotations

import traceback

from dlex.course.text import Text, same
from dlex.kit.own_fault import JudgeFault, is_out_of_memory, message_of
from dlex.protocol.result import Finding, Verdict

MAX_SAID, MAX_TRACE = 160, 4000

NEXT_STEP = Text(
    en="Compare the types and shapes that you return with the stub's docstring; if they agree, please report it with "
    "the output of `dlex doctor`.",
    zh="请对照初始文件的文档字符串检查返回值的类型和形状；如果没有出入，请附上 `dlex doctor` 的输出报告此问题。",
)


def fault(error: BaseException, *, answered: bool) -> Finding:
    """The finding for an exception that a spec did not mean to raise.

    `answered` tells whether the judge was handling what came from the attempt: its answers, or its source.
    """
    if isinstance(error, JudgeFault):
        return _ours(error)
    if answered and is_out_of_memory(error):
        return _too_large(error)
    # A spec does not recurse: only source that is nested too deeply can make it.
    if answered or isinstance(error, RecursionError):
        return _of_the_attempt(error)
    return _ours(error)


def _of_the_attempt(error: BaseException) -> Finding:
    said = message_of(error).strip().splitlines()[:1]
    told = f"{type(error).__name__}: {said[0][:MAX_SAID]}" if said else type(error).__name__
    return Finding(
        verdict=Verdict.WRONG_VALUE,
        message=Text(
            en="The check could not go on with what came from your code ({error}).",
            zh="检查无法继续处理来自你的代码的内容（{error}）。",
        ).format(error=same(told)),
        next_step=NEXT_STEP,
        internal=_trace(error),
    )


def _too_large(error: BaseException) -> Finding:
    return Finding(
        verdict=Verdict.OUT_OF_MEMORY,
        message=Text(
            en="The check ran out of memory while it handled what your code returned.",
            zh="检查在处理你的代码返回的内容时内存不足。",
        ),
        next_step=Text(
            en="Look for a result that is far larger than it should be.", zh="请检查返回的内容是否远远大于应有的大小。"
        ),
        internal=_trace(error),
    )


def _ours(error: BaseException) -> Finding:
    return Finding(
        verdict=Verdict.GRADER_ERROR,
        message=Text(
            en="The check itself broke. This is a fault of dlex, not of your code.",
            zh="检查本身出错了。这是 dlex 的问题，不是你的代码的问题。",
        ),
        next_step=Text(
            en="Please report it with the output of `dlex doctor`.", zh="请附上 `dlex doctor` 的输出报告此问题。"
        ),
        internal=_trace(error),
    )


def _trace(error: BaseException) -> str:
    """The traceback, for the author of the spec."""
    try:
        return "".join(traceback.format_exception(error))[-MAX_TRACE:]
    except Exception:  # no memory is left, or the exception cannot be printed
        return type(error).__name__
