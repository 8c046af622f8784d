"""Pictures in HTML: the exercise's own, and the one of the learner's values."""

from __future__ import annotations

import base64

from dlex.course.exercise import Exercise
from dlex.feedback import telling
from dlex.feedback.language import gettext as _
from dlex.feedback.language import language
from dlex.feedback.markup import details, dim, escape
from dlex.protocol.result import OwnPicture

# White below it, for it is drawn for a white page.
STYLE = "max-width:100%;height:auto;background:#fff;border-radius:4px;margin:.4em 0"


def picture_of(exercise: Exercise) -> str:
    """The source of the exercise's picture, with the words of the language in use; nothing if it has none."""
    try:
        return exercise.picture(language()).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def behind_a_line(svg: str) -> str:
    """The exercise's picture behind a line to click on; nothing if there is none."""
    if not svg.strip():
        return ""
    label = _("The picture of this exercise")
    return details(escape(label), _image(svg, label, "34em"))


def own_picture(picture: OwnPicture) -> str:
    """What was drawn from the learner's values, or why nothing was."""
    if picture.finding is not None:
        return dim(_("Nothing could be drawn:") + " " + telling.fact(picture.finding))
    return _image(picture.svg, _("What your own code gives"), "40em")


def _image(svg: str, label: str, width: str) -> str:
    data = base64.b64encode(svg.encode("utf-8", "replace")).decode("ascii")
    return f'<img alt="{escape(label)}" src="data:image/svg+xml;base64,{data}" style="width:{width};{STYLE}">'
