"""Made-up results, one for each form of the screen."""

from __future__ import annotations

from typing import Any

from dlex.course.text import Text, same
from dlex.feedback.terminal import About
from dlex.protocol.result import (
    CheckResult,
    Comparison,
    ExerciseResult,
    Finding,
    Frame,
    IsolationReport,
    Note,
    RaisedException,
    Status,
    Verdict,
)

ABOUT = About(
    number="10",
    title=Text(en="The inception block", zh="Inception 模块"),
    following=("12", Text(en="A recurrent network", zh="循环神经网络")),
    file="10_inception_block/inception_block.py",
)
TITLES = {
    "shape": Text(en="The block gives 88 channels and keeps height and width", zh="模块输出 88 个通道，高和宽不变"),
    "values": Text(en="Each branch computes what it should, with known weights", zh="给定权重，每个分支都算出应有的值"),
    "gradient": Text(en="The gradient reaches the input", zh="梯度能传到输入"),
    "speed": Text(en="A batch takes less than a second", zh="一个批次用时不到一秒"),
}
WRONG_SHAPE = Finding(
    verdict=Verdict.WRONG_SHAPE,
    message=Text(
        en="The output has shape (3, 88, 8, 5), expected (3, 88, 12, 9).",
        zh="输出的形状是 (3, 88, 8, 5)，应为 (3, 88, 12, 9)。",
    ),
    comparison=Comparison(expected="(3, 88, 12, 9)", actual="(3, 88, 8, 5)"),
    diagnosis="missing_padding",
    explanation=Text(
        en="A branch shrinks the image: its convolution needs padding, 1 for a 3x3 kernel and 2 for a 5x5.",
        zh="有分支把图像变小了：卷积需要 padding，3x3 的卷积核取 1，5x5 的取 2。",
    ),
)
FOLLOWS = Finding(
    verdict=Verdict.FOLLOWS,
    message=Text(
        en="Follows from `Branch`, whose own check failed: with a right `Branch` this check passes.",
        zh="由 `Branch` 引起（它自己的检查未通过）：`Branch` 改对之后，这项检查就能通过。",
    ),
    follows=("Branch",),
)
WRONG_VALUE = Finding(
    verdict=Verdict.WRONG_VALUE,
    message=Text(en="The loss at [2, 1] is 2.5, expected 1.25.", zh="损失在 [2, 1] 处是 2.5，应为 1.25。"),
    comparison=Comparison(
        expected="1.25",
        actual="2.5",
        where="[2, 1]",
        largest_error=1.25,
        tolerance=1.3e-6,
        mismatched=9,
        total=12,
        ratio=2.0,
    ),
    explanation=Text(en="Every value is exactly twice what is expected.", zh="每个值都恰好是应有的 2 倍。"),
)
RAISED = Finding(
    verdict=Verdict.RAISED,
    message=Text(
        en="Your code raised RuntimeError: mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)",
        zh="你的代码抛出了异常 RuntimeError: mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)",
    ),
    raised=RaisedException(
        kind="RuntimeError",
        bases=("RuntimeError", "Exception", "BaseException", "object"),
        message="mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)",
    ),
    line=41,
    traceback=(
        Frame("inception_block.py", 41, "forward", "return self.fc(x)"),
        Frame(
            "inception_block.py",
            63,
            "helper",
            "    y = torch.cat([a, b, c, d, e, f, g], dim=1)  # one long line that is cropped",
        ),
    ),
    next_step=Text(en="Print both shapes just before this line.", zh="在这一行之前打印两个形状。"),
)
NOT_WRITTEN = Finding(
    verdict=Verdict.UNATTEMPTED,
    message=Text(en="`forward` is not written yet.", zh="`forward` 还没有写。"),
    line=30,
)
NOT_RUN = Finding(verdict=Verdict.NOT_RUN, message=Text(en="The check did not run.", zh="该检查没有运行。"))


def check(name: str, finding: Finding | None = None, *, points: float = 2.0) -> CheckResult:
    """One check that passed, or failed for the reason of `finding`."""
    return CheckResult(
        id=name,
        title=TITLES[name],
        public=name == "shape",
        verdict=finding.verdict if finding else Verdict.PASSED,
        points=0.0 if finding else points,
        max_points=points,
        finding=finding,
        seconds=0.0123,
    )


def result(status: Status, *checks: CheckResult, **more: Any) -> ExerciseResult:
    """A result of these checks."""
    settings: dict[str, Any] = {
        "exercise": "10_inception_block",
        "status": status,
        "points": sum(c.points for c in checks),
        "max_points": sum(c.max_points for c in checks),
        "checks": checks,
        "isolation": IsolationReport("full"),
        "device": "cpu",
        "stdout": "",
        "seconds": 0.25,
        "versions": {"dlex": "0.1.0", "torch": "2.6.0", "python": "3.11.7"},
    }
    return ExerciseResult(**settings | more)


RESULTS: dict[str, ExerciseResult] = {
    "passed": result(Status.PASSED, check("shape"), check("values", points=0.5)),
    "folded": result(
        Status.FAILED,
        check("shape", WRONG_SHAPE),
        check("values", WRONG_SHAPE, points=0.5),
        check("gradient"),
        notes=(
            Note(
                en="`Variable(x)` has done nothing since PyTorch 0.4.",
                zh="从 PyTorch 0.4 起 `Variable(x)` 不再起作用。",
            ),
        ),
    ),
    "follows": result(
        Status.FAILED, check("shape", FOLLOWS), check("values", WRONG_VALUE), check("gradient", FOLLOWS), check("speed")
    ),
    "mixed": result(
        Status.FAILED,
        check("shape", WRONG_VALUE),
        check("values", RAISED),
        check("gradient", NOT_WRITTEN),
        check("speed", NOT_RUN),
    ),
    "unattempted": result(Status.UNATTEMPTED, check("shape", NOT_WRITTEN), check("values", NOT_WRITTEN)),
    "unrunnable": result(
        Status.UNRUNNABLE,
        check("shape", NOT_RUN),
        reason=RAISED,
        stdout="".join(f"line {n}\n" for n in range(40)) + "\x1b[31mred\n",
        isolation=IsolationReport("partial", ("landlock", "seccomp")),
    ),
    "grader_error": result(
        Status.GRADER_ERROR,
        check("shape"),
        check(
            "values",
            Finding(verdict=Verdict.GRADER_ERROR, message=same("dlex: KeyError"), internal="Traceback\nKeyError: 'x'"),
        ),
    ),
}
