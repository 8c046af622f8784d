"""The learner's own picture: drawn here from what the learner's functions give for inputs that are always the same."""

from __future__ import annotations

import importlib.util
import io
import traceback
import warnings
from typing import TYPE_CHECKING, Any

from dlex.course.text import Text
from dlex.devices.run import running_on
from dlex.judge.limits import deadline
from dlex.kit.attempt import Attempt
from dlex.protocol.failure import CheckFailure
from dlex.protocol.result import MAX_PICTURE, Finding, OwnPicture, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.figure import Figure

    from dlex.judge.plugin import Grading
    from dlex.kit.pictures import Say

STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dlex",
    "font.family": ["sans-serif"],
    "axes.unicode_minus": False,
}
NOT_DRAWN = Text(
    en="What your code returned cannot be drawn ({kind}): look at its shape and its values.",
    zh="你的代码返回的内容画不出来（{kind}）：请检查它的形状和数值。",
)
TOO_LARGE = Text(
    en="What your code returned is too much for a picture: look at its shape.",
    zh="你的代码返回的内容太多，画不成图：请检查它的形状。",
)


def draw(grading: Grading, language: str) -> OwnPicture | None:
    """The picture with its words in `language`, or why there is none; None if the exercise has no such picture."""
    script, session = grading.exercise.picture_script, grading.session
    if not script.is_file() or session.unrunnable is not None:
        return None
    try:
        with deadline(session.limits.check_seconds), running_on(session.device):
            session.begin_check(0, mute=True)
            svg = _svg(_function(script)(Attempt(session, grading.source), _saying(language)))
    except CheckFailure as failure:
        return OwnPicture(finding=failure.finding.clipped())
    except Exception as error:  # odd values make matplotlib raise anything
        return _none(NOT_DRAWN.format(kind=type(error).__name__), traceback.format_exc())
    return OwnPicture(svg=svg) if len(svg) <= MAX_PICTURE else _none(TOO_LARGE)


def _none(why: Text, trace: str = "") -> OwnPicture:
    return OwnPicture(finding=Finding(verdict=Verdict.WRONG_VALUE, message=why, internal=trace).clipped())


def _function(script: Path) -> Callable[[Attempt, Say], Figure]:
    """`picture` of a script beside the spec."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.picture  # type: ignore[no-any-return]  # an author's own module


def _saying(language: str) -> Say:
    def say(*, en: str, zh: str) -> str:
        return Text(en=en, zh=zh).in_language(language)

    return say


def _svg(figure: Figure) -> str:
    """The figure as SVG, in which text stays text: whoever looks at it has the letters."""
    import matplotlib

    drawn = io.StringIO()
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that matplotlib cannot measure, values that do not fit an axis
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()
