"""Whose fault is an exception inside a spec?  The attempt's, if it had answered and its answer could not be used."""

from __future__ import annotations

import traceback

from dlex.course.text import Text, same
from dlex.grading.result import Finding, Verdict

# `author verify` proves that a spec runs through on the reference, so one of these after an answer from the attempt
# means that the answer has a form which the spec could not use.  Anything else is ours.
UNUSABLE = (
    TypeError, ValueError, AttributeError, LookupError, ArithmeticError, AssertionError, RuntimeError, StopIteration,
    OSError, BufferError,
)  # fmt: skip


def fault(error: BaseException, *, answered: bool) -> Finding:
    """The finding for an exception that a spec did not mean to raise."""
    trace = "".join(traceback.format_exception(error))[-4000:]
    # A spec does not recurse: only source that is nested too deeply can make it.
    answered = answered or isinstance(error, RecursionError)
    if answered and isinstance(error, UNUSABLE):
        return Finding(
            verdict=Verdict.WRONG_VALUE,
            message=Text(
                en="What your code returned cannot be used here: {error}.",
                zh="你的代码返回的内容在这里无法使用：{error}。",
            ).format(
                error=same(str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__)
            ),
            next_step=Text(
                en="Compare the types and shapes that you return with the stub's docstring.",
                zh="请对照初始文件的文档字符串检查返回值的类型和形状。",
            ),
            internal=trace,
        )
    if answered and isinstance(error, MemoryError):
        return Finding(
            verdict=Verdict.OUT_OF_MEMORY,
            message=Text(en="What your code returned is too large.", zh="你的代码返回的内容太大。"),
            internal=trace,
        )
    return Finding(
        verdict=Verdict.GRADER_ERROR,
        message=Text(
            en="The check itself broke. This is a fault of dlex, not of your code.",
            zh="检查本身出错了。这是 dlex 的问题，不是你的代码的问题。",
        ),
        next_step=Text(
            en="Please report it with the output of `dlex doctor`.", zh="请附上 `dlex doctor` 的输出报告此问题。"
        ),
        internal=trace,
    )
