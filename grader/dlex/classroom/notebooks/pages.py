"""What students wrote, made harmless for the pages that show it.

nbconvert passes the HTML in a notebook's text through as it is, and nbgrader's formgrader shows it to a teacher who is
logged in: a script in it could change marks and run programs.
"""

from __future__ import annotations

import html
import re
from collections.abc import MutableMapping
from functools import cached_property
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets import Any as AnyTrait
from traitlets.config import LoggingConfigurable

from dlex.classroom.notebooks.asked import layout_asked

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "div", "dl", "dt",
    "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "input", "ins", "kbd", "li",
    "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES = {"alt", "colspan", "dir", "height", "lang", "rowspan", "start", "style", "title", "width"}
CHECKBOX = {"checked", "disabled"}
CLASS = re.compile(r"(highlight|task-list-item(-checkbox)?|language-[\w-]+|[a-z][a-z0-9]{0,2})")  # the last: Pygments'
LINK = re.compile(r"(https?:|mailto:|[^:]*([/?#]|$))")
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[a-z0-9+/=]*$")
UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\s]+")  # what browsers pass over in an address
STYLE = CSSSanitizer(allowed_css_properties=["text-align"])
TABLE = '<table class="table table-condensed" style="width:auto">'  # Bootstrap's: without it the columns touch
MOST_TAGS = 5000  # it takes a second to look through so many, one in the other, and grows with their square
RUNS = ("application/javascript", "text/javascript")


def harmless(markup: str) -> str:
    """HTML with nothing in it that runs, poses as a part of the page, or covers one."""
    if markup.count("<") > MOST_TAGS:
        return f"<pre>{html.escape(markup)}</pre>"
    protocols = {"http", "https", "mailto", "data"}
    return str(bleach.clean(markup, TAGS, attributes=_is_harmless, protocols=protocols, css_sanitizer=STYLE))


def _is_harmless(tag: str, name: str, value: str) -> bool:
    address = UNSEEN.sub("", html.unescape(value)).lower()
    match tag, name:
        case "a", "href":
            return LINK.match(address) is not None
        case "img", "src":
            return (LINK.match(address) or PICTURE.match(address)) is not None
        case "input", _:
            return name in CHECKBOX or (name, value) == ("type", "checkbox")
        case _, "class":
            return all(map(CLASS.fullmatch, value.split()))
    return name in ATTRIBUTES


@pass_context
class HarmlessMarkdown(LoggingConfigurable):  # type: ignore[misc]  # traitlets' `parent` is the exporter
    """nbconvert's filter `markdown2html`, with a harmless result.

    Of a notebook in which dlex has no cell the students' pages stay as they are; formgrader shows a teacher, who may
    change marks, nothing that runs.
    """

    plain = AnyTrait(None, allow_none=True, help="The filter for pages that dlex does not touch.").tag(config=True)

    def __call__(self, context: Any, source: str) -> str:
        """The text of a cell as HTML."""
        if "nbgrader" not in context.get("resources", {}) or self._is_of_dlex(context["resources"]["nbgrader"]):
            return harmless_markdown(context, source)
        plain = self.plain if self.plain is not None else self.parent.markdown2html
        return str(plain(context, source))

    def _is_of_dlex(self, asked: Any) -> bool:
        place = asked["db_url"], asked["assignment"], asked["notebook"]
        if place not in self._known:
            self._known[place] = layout_asked(asked, self.config).is_of_dlex
        return self._known[place]

    @cached_property
    def _known(self) -> dict[tuple[str, str, str], bool]:
        return {}


def harmless_markdown(context: Any, source: str) -> str:
    """A cell's text as HTML in which nothing runs; `context` is that of the page."""
    attached = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attached, exclude_anchor_links=True)
    markup = harmless(MarkdownWithMath(renderer=renderer).render(source))
    return markup.replace("<table>", TABLE)


def disarm(output: MutableMapping[str, Any]) -> None:
    """Make what a student's code put out harmless."""
    data = output.get("data")
    if isinstance(data, MutableMapping):
        for kind in RUNS:
            data.pop(kind, None)
        if "text/html" in data:
            data["text/html"] = harmless(str(data["text/html"]))
