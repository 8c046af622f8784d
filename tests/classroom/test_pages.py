"""What students wrote, on pages that a teacher opens: nothing of it runs, and it looks as it should."""

from __future__ import annotations

import json
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dlex.classroom.notebooks.pages import MOST_TAGS, PICTURE, disarm, harmless, harmless_markdown
from dlex.classroom.notebooks.reading import read_cells, written

RUN = "alert(1)"
HOSTILE = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"<a href='java&#10;script:{RUN}'>x</a>",
    f"<a href='java&Tab;script&colon;{RUN}'>x</a>",
    f"<a href='&#1;javascript:{RUN}'>x</a>",
    "<a href='data:text/html,<script>'>x</a>",
    f"[x](javascript:{RUN})",
    f"<javascript:{RUN}>",
    f"<svg onload={RUN}><a xlink:href='javascript:{RUN}'>x</a></svg>",
    f"<math><mtext></p><style><!--</style><img title='--><img src=1 onerror={RUN}>'>",
    f"```mermaid\n</pre><script>{RUN}</script>\n```",
    f"```python</pre><script>{RUN}</script>\nx\n```",
    f"$$<script>{RUN}</script>$$ $<img onerror={RUN}>$ \\begin{{x}}<script>\\end{{x}}",
    "<iframe src='/formgrader'></iframe><object data='x'></object><embed src='x'><base href='//x'>",
    "<form action='/formgrader/api'><input type=submit><button>x</button></form>",
    "<style>*{display:none}</style><link rel=stylesheet href=x><meta http-equiv=refresh content=0>",
    f"![x](attachment:y){'<'}img src='data:image/svg+xml,<svg onload={RUN}>'>",
    "<p id='submission_id' name='x' class='navbar-fixed-top' style='position:fixed;top:0'>x</p>",
]
ATTACHED = {"y": {"image/png": f'"><script>{RUN}</script>'}}
LOADS = {"iframe", "object", "embed", "base", "form", "button", "link", "meta", "style", "script", "svg", "math"}


class Tags(HTMLParser):
    """Every tag of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_runs(source: str) -> None:
    """No tag that loads or runs something, no attribute that does, no address but of the web."""
    for tag, attributes in Tags(harmless_markdown({"cell": {"attachments": ATTACHED}}, source)).found:
        assert tag not in LOADS
        assert not {name for name in attributes if name.startswith("on")} | (attributes.keys() & {"id", "name"})
        assert "position" not in attributes.get("style", "")
        assert "navbar" not in attributes.get("class", "")
        assert attributes.get("type", "checkbox") == "checkbox"
        address = attributes.get("href", attributes.get("src", ""))
        assert ":" not in address or address.startswith(("http:", "https:", "mailto:")) or PICTURE.match(address)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**bold** `a < b`", "<strong>bold</strong> <code>a &lt; b</code>"),
        ("[a](https://a.org/b?c=d:e) [b](#c) [d](e/f.md)", '<a href="#c">b</a> <a href="e/f.md">d</a>'),
        ("| a |\n|:-:|\n| 1 |", '<th style="text-align:center;">a</th>'),
        ("- [x] done", '<input type="checkbox" disabled checked>'),
        ("```python\nx = 1\n```", '<span class="n">x</span>'),
        ("$a<b$ and $$c$$", "$a&lt;b$ and $$c$$"),
        ("![卷积](data:image/svg+xml;base64,AA==)", '<img src="data:image/svg+xml;base64,AA==" alt="卷积">'),
        ("H<sub>2</sub>O<br>x", "H<sub>2</sub>O<br>x"),
        ("# 标题", "<h1>标题</h1>"),
    ],
)
def test_text_looks_as_it_should(source: str, shown: str) -> None:
    """Whatever Markdown can say is still said."""
    assert shown in harmless_markdown({}, source)


def test_many_tags_are_shown_as_they_are() -> None:
    """A page full of tags, each in the other, takes no time."""
    began = time.process_time()
    shown = harmless_markdown({}, "<div>" * (MOST_TAGS + 1) + f"<script>{RUN}</script>")
    assert time.process_time() - began < 1
    assert {tag for tag, _attributes in Tags(shown).found} == {"pre"}


def test_output_of_a_students_kernel_is_disarmed() -> None:
    """HTML stays, without what runs; a script goes; text and pictures are as they were."""
    data = {"text/html": f"<b>x</b><img onerror={RUN}>", "application/javascript": RUN, "text/plain": "x"}
    output = {"output_type": "display_data", "data": data}
    disarm(output)
    assert output["data"] == {"text/html": "<b>x</b><img>", "text/plain": "x"}
    disarm({"output_type": "stream", "text": "x"})


def test_attachments_that_nbformat_split_into_lines_are_kept(tmp_path: Path) -> None:
    """A student's own picture stays in its cell; a name without a picture does not break the page."""
    cell = {
        "cell_type": "markdown", "metadata": {"tags": 7}, "source": "![a](attachment:a.png) ![b](attachment:b.png)",
        "attachments": {"a.png": {"image/png": ["AA", "=="]}, "b.png": {"image/png": [1]}},
    }  # fmt: skip
    file = tmp_path / "x.ipynb"
    file.write_text(json.dumps(json.loads(written([])) | {"cells": [cell]}), encoding="utf-8")
    (found,) = read_cells(file)
    assert found["attachments"] == {"a.png": {"image/png": "AA=="}}
    assert found["metadata"] == {}
    shown = harmless_markdown({"cell": found}, found["source"])
    assert '<img src="data:image/png;base64,AA==" alt="a">' in shown
    assert '<img src="b.png" alt="b">' in shown


def test_harmless_html_stays() -> None:
    """A table as pandas makes it."""
    table = '<table class="dataframe"><tr><th>a</th></tr><tr><td>1</td></tr></table>'
    assert "<th>a</th>" in harmless(table)
    assert "<td>1</td>" in harmless(table)
