"""Which submissions are too alike: copies in any disguise are found, honest ones are not, and the page is harmless."""

from __future__ import annotations

import io
import itertools
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from engine import COURSE

from dlex.classroom.similar import fingerprints as fingerprints_module
from dlex.classroom.similar.fingerprints import (
    MAX_BYTES,
    TooSlow,
    fingerprints,
    given_fingerprints,
    overlap,
    readable,
    require_copydetect,
)
from dlex.classroom.similar.page import LINES, SIDE_BY_SIDE, percent, write_page
from dlex.classroom.similar.ranking import CLASS, Comparison, compare
from dlex.classroom.similar.words import WORDS
from dlex.classroom.submission import Slot, Submission
from dlex.course.errors import UsageError
from dlex.course.exercise import Course, Exercise
from dlex.course.source import AttemptSource

EXERCISE = Course(COURSE).find("01_double")
NOTHING = np.array([], dtype=np.int64)

LOOP = '''
def entries(tensor):
    """Every number of it."""
    found = []
    for row in tensor.reshape(-1).tolist():
        found.append(float(row))  # one by one
    return found


def double(x):
    numbers = [value + value for value in entries(x)]
    result = torch.tensor(numbers, dtype=x.dtype)
    if result.numel() != x.numel():
        raise ValueError("lost some")
    return result.reshape(x.shape)
'''
# The same with other names, other comments and layout, and the functions the other way round.
DISGUISED = """
# my own work!
def double(x):
    lst = [v + v for v in helper_one(x)]
    out = torch.tensor(lst,
                       dtype=x.dtype)

    # check the size
    if out.numel() != x.numel():
        raise ValueError("wrong")
    return out.reshape(x.shape)


def helper_one(input_tensor):
    acc = []
    for r in input_tensor.reshape(-1).tolist():
        acc.append(float(r))
    return acc
"""
HONEST = {
    "add": "def double(x):\n    y = torch.empty_like(x)\n    y.copy_(x)\n    y.add_(x)\n    return y\n",
    "einsum": "def double(x):\n    two = torch.full((1,), 2, dtype=x.dtype)\n    flat = x.flatten().unsqueeze(0)\n"
    "    return torch.einsum('ij,i->j', flat, two).view_as(x)\n",
    "class": "class Doubler:\n    factor = 2\n\n    def __call__(self, x):\n        if x.dim() == 0:\n"
    "            return self.factor * x\n        return torch.stack([self(part) for part in x])\n\n\n"
    "double = Doubler()\n",
    "where": "def double(x):\n    return torch.where(x > 0, x.abs() + x.abs(), -(x.abs() + x.abs()))\n",
    "power": "import math\n\n\ndef double(x):\n    sign = torch.sign(x)\n"
    "    return sign * torch.exp2(torch.log2(x.abs()) + math.log2(2.0)).nan_to_num(0.0)\n",
    "cumulative": "def double(x):\n    pair = torch.stack((x, x), dim=0)\n    sums = torch.cumsum(pair, dim=0)\n"
    "    assert sums.shape[0] == 2\n    return sums[-1]\n",
    "loop": LOOP,
}


def hand_in(student: str, text: str | None) -> Submission:
    """A student's answer; without a text the file could not be read."""
    source = AttemptSource(text, "double.py", None) if text is not None else None
    return Submission(slot=Slot(student, EXERCISE.name), path=f"{student}/01.py", source=source)


def comparison(texts: Mapping[str, str | None], threshold: float = 0.8, most: int = 100) -> Comparison:
    """What comes of a class."""
    return compare(EXERCISE, [hand_in(*item) for item in texts.items()], threshold=threshold, most=most)


def alike(texts: Mapping[str, str | None], threshold: float = 0.8) -> list[set[str]]:
    """Who is alike, the most alike first."""
    return [{*pair.first.names, *pair.second.names} for pair in comparison(texts, threshold).pairs]


def test_honest_answers_are_not_alike() -> None:
    """Different ways to the same values are no pair, nor near one."""
    assert alike(HONEST, 0.5) == []


@pytest.mark.parametrize(
    "copy",
    [
        LOOP,
        DISGUISED,
        LOOP.replace("\n", "\r\n"),
        f"\ufeff\n\n{LOOP}",
        LOOP.replace("    ", "\t"),
        LOOP.replace('"""Every number of it."""', '"""Something else\n    entirely."""'),
        f"import torch\nimport math\n{LOOP}\nprint('done')\n",
        LOOP[:-30],
        LOOP + "def broken(:\n    '''",
    ],
    ids=["whole", "disguised", "windows", "mark", "tabs", "docstring", "longer", "shorter", "syntax error"],
)
def test_a_copy_is_found(copy: str) -> None:
    """Names, comments, layout, order and a few lines more do not hide a copy, in a small class and in a larger one."""
    assert alike({"li_hua": LOOP, "wang_wei": copy}) == [{"li_hua", "wang_wei"}]
    assert alike({**HONEST, "wang_wei": copy}) == [{"loop", "wang_wei"}]


def test_what_was_given_is_no_likeness() -> None:
    """The stub, and code on the exercise's pages, is nobody's own."""
    stub = EXERCISE.stub.read_text(encoding="utf-8")
    assert alike({"a": stub, "b": stub, "c": stub + "\n# hello\n"}, 0.01) == []
    assert not set(fingerprints(readable(stub))) - set(given_fingerprints(EXERCISE))


def test_code_on_the_pages_counts_as_given(tmp_path: Path) -> None:
    """What a hint shows may be written by all."""
    folder = tmp_path / "exercises" / "01_double"
    folder.mkdir(parents=True)
    (folder / "double.py").write_text("def double(x): ...\n", encoding="utf-8")
    (folder / "hints.md").write_text(f"# Hints\n\n```python\n{LOOP}```\n", encoding="utf-8")
    exercise = Exercise(Course(tmp_path), "01_double")
    found = compare(exercise, [hand_in("a", LOOP), hand_in("b", DISGUISED)], threshold=0.3, most=9)
    assert found.pairs == ()


def test_what_most_of_the_class_wrote_is_no_likeness() -> None:
    """Where there is one right answer everybody has it; with fewer than six there is no saying."""
    many = {f"s{i}": f"{LOOP}# {i}\n" for i in range(CLASS)}
    assert alike(many) == []
    few = dict(itertools.islice(many.items(), 3))
    assert len(alike(few)) == 3


def test_a_copy_among_those_who_have_the_common_answer_is_found() -> None:
    """The common part counts for nothing, what two have besides it counts in full."""
    own = "\n\ndef check(one, two):\n    assert one.dim() == two.dim(), (one, two)\n"
    own += "    pairs = zip(one.tolist(), two.tolist(), strict=True)\n"
    own += "    return all(abs(p - q) <= 1e-6 * max(1.0, abs(q)) for p, q in pairs) and one.dtype is two.dtype\n"
    texts = {
        f"s{i}": LOOP + f"\n\ndef extra(q):\n    return [q, {', '.join('qwertyui'[i] * (i + 2))}, lambda: q ** {i}]\n"
        for i in range(8)
    }
    assert alike(texts) == []
    assert alike(
        {**texts, "li_hua": LOOP + own, "wang_wei": DISGUISED + own.replace("one", "first").replace("pairs", "both")}
    ) == [{"li_hua", "wang_wei"}]


def test_the_same_text_is_one_entry() -> None:
    """Three who handed in the same are one line of the list, not three."""
    found = comparison({"a": LOOP, "b": LOOP + "\n\n", "c": LOOP.replace("\n", "  \n"), **HONEST})
    (pair,) = found.pairs
    assert pair.is_one_text
    assert pair.first.names == ("a", "b", "c", "loop")
    assert found.compared == len(HONEST) + 3


def test_many_with_the_same_text_do_not_make_it_common() -> None:
    """A text that half of the class has handed in letter for letter is one voice."""
    copies = {f"copy{i}": LOOP for i in range(2 * len(HONEST))}
    assert alike({**copies, **HONEST}) == [{*copies, "loop"}]


def test_the_list_is_in_order_and_cut() -> None:
    """The most alike come first; how many there are is known though not all are listed."""
    half = LOOP[: len(LOOP) // 2] + HONEST["class"]
    texts = {"a": LOOP, "b": DISGUISED, "c": half}
    every = comparison(texts, 0.2)
    assert [pair.likeness for pair in every.pairs] == sorted((pair.likeness for pair in every.pairs), reverse=True)
    assert {*every.pairs[0].first.names, *every.pairs[0].second.names} == {"a", "b"}
    cut = comparison(texts, 0.2, most=1)
    assert (len(cut.pairs), cut.found) == (1, len(every.pairs))


def test_words_that_only_two_have_are_told() -> None:
    """A strange name or comment that two share says more than any figure."""
    ours = LOOP.replace("found", "my_strange_list").replace("one by one", "别抄我的作业")
    texts = {**HONEST, "li_hua": ours, "wang_wei": ours.replace("numbers", "quantities")}
    (first, *_) = [
        pair for pair in comparison(texts).pairs if {*pair.first.names, *pair.second.names} == {"li_hua", "wang_wei"}
    ]
    assert first.words == ("my_strange_list", "别抄我的作业")


def test_odd_files_stop_nothing() -> None:
    """What cannot be read is named, everything else is compared."""
    odd = {
        "empty": "", "blank": "\n \n", "huge": "x = 1\n" * (MAX_BYTES // 6 + 1), "none": None, "mark": "\ufeff",
        "brackets": "(" * 5000, "quotes": '"""' * 999, "half": "\ud800", "one line": f"x = [{'1, ' * 20_000}]",
    }  # fmt: skip
    found = comparison({**odd, "li_hua": LOOP, "wang_wei": DISGUISED})
    assert [{*pair.first.names, *pair.second.names} for pair in found.pairs] == [{"li_hua", "wang_wei"}]
    assert [each.slot.student for each in found.too_large] == ["huge"]
    assert [each.slot.student for each in found.unreadable] == ["none"]
    assert comparison({}).pairs == ()
    assert comparison({"empty": ""}).pairs == ()


def test_a_text_on_which_a_lexer_works_for_ever_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """One such file costs its own few seconds and is named."""
    monkeypatch.setattr(fingerprints_module, "SECONDS", 0.3)
    endless = "\t \n" * 60_000 + "x=1"
    with pytest.raises(TooSlow):
        fingerprints(endless)
    found = comparison({"li_hua": LOOP, "wang_wei": endless, "anna": DISGUISED})
    assert [each.slot.student for each in found.too_large] == ["wang_wei"]
    assert len(found.pairs) == 1


def marked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """The marked parts, a line each."""
    return "\n".join(text[begin:end] for begin, end in ranges)


def test_the_marks_are_where_the_likeness_is() -> None:
    """Also behind names of classes, long words, comments and Chinese: nothing is shifted, and no word is cut."""
    before = "class AVeryLongNameOfAClass:\n    '''文档'''\n\n    x = 1  # 注释注释注释\n\n\n"
    first, second = before + LOOP, readable(DISGUISED)
    tokens, here, there = overlap(first, second, NOTHING)
    assert tokens > 110
    for text, ranges, begin, end in (
        (first, here, "entries", "return found"),
        (second, there, "helper_one", "return acc"),
    ):
        said = marked(text, ranges)
        assert begin in said
        assert end in said
        for a, b in ranges:
            assert not re.match(r"\w\w", text[a - 1 : a + 1]) or a == 0
            assert not re.match(r"\w\w", text[b - 1 : b + 1])
    assert "AVeryLong" not in marked(first, here)


def test_what_a_text_repeats_counts_too() -> None:
    """copydetect's own way of leaving out given code drops what stands twice in a text."""
    part = "    total = sum(float(v) for v in x.reshape(-1).tolist() if v > 0)\n"
    text = f"def double(x):\n{part}{part}{part}    return total\n"
    given = fingerprints("def unlike(y):\n    with y as z, z as w:\n        yield from z\n")
    assert overlap(text, text.replace("total", "s"), given).tokens > 100


def page(found: Sequence[Comparison], language: str = "en") -> str:
    """The page."""
    stream = io.StringIO()
    write_page(found, 0.8, stream, language, "a <class>")
    return stream.getvalue()


class Elements(HTMLParser):
    """The elements of a page, which must be closed in order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = "# </span></mark><script>alert(1)</script> <img src=x onerror=alert(1)> {{ 7 * 7 }} \u202e\x1b[31m &amp;\n"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_no_student_can_write_on_the_page(language: str) -> None:
    """Names and sources are text whatever stands in them, and the page loads and runs nothing."""
    texts = {
        "<script>alert(2)</script>": HOSTILE + LOOP,
        "\u202eeve' onclick='x": LOOP.replace("found", "naïve_名字") + HOSTILE,
    }
    html = page([comparison(texts)], language)
    elements = Elements(html)
    assert "script" not in elements.tags
    assert "img" not in elements.tags
    assert all(link.startswith("#") and link[1:] in elements.ids for link in elements.links)
    assert "default-src 'none'" in html
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert "<script>alert(1)</script>" in elements.text
    assert "{{ 7 * 7 }}" in elements.text
    assert elements.tags.count("mark") > 4
    assert WORDS["no_proof"].in_language(language) in elements.text
    assert f'lang="{language}"' in html


def test_the_page_shows_both_sources_whole() -> None:
    """Side by side, line for line; a long one is cut, and it is said."""
    long = LOOP + "".join(f"y{i} = {i}\n" for i in range(2 * LINES))
    html = page([comparison({"li_hua": long, "wang_wei": DISGUISED})])
    elements = Elements(html)
    assert elements.tags.count("figure") == 2
    for line in DISGUISED.splitlines():
        assert line.strip() in elements.text
    assert f"y{2 * LINES - 1} =" not in elements.text
    hidden = len(readable(long).splitlines()) - LINES
    assert f"and {hidden} more lines" in elements.text


def test_only_the_first_pairs_are_laid_side_by_side() -> None:
    """A class of copies gives a long list, not a page of a gigabyte."""
    texts = {f"s{i}": LOOP + f"# {i}\n" for i in range(5)} | {f"t{i}": DISGUISED + f"# {i}\n" for i in range(4)}
    found = compare(EXERCISE, [hand_in(*item) for item in itertools.islice(texts.items(), 5)], threshold=0.8, most=100)
    assert len(found.pairs) == 10
    html = page([found] * 1)
    assert html.count("<figure>") == 2 * min(10, SIDE_BY_SIDE)


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    """No word is missing, and none is left over."""
    template = (Path(fingerprints_module.__file__).parent / "templates" / "similar.html").read_text(encoding="utf-8")
    assert set(re.findall(r't\("(\w+)"', template)) == set(WORDS)


def test_a_whole_likeness_is_not_made_up_by_rounding() -> None:
    """99.6% is not 100%."""
    assert [percent(x) for x in (1.0, 0.996, 0.8, 0.29)] == ["100%", "99%", "80%", "29%"]


def test_without_copydetect_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra is one sentence and a command."""
    monkeypatch.setitem(sys.modules, "copydetect.detector", None)
    with pytest.raises(UsageError, match="needs copydetect") as caught:
        require_copydetect()
    assert caught.value.next_step is not None
    assert "pip install 'dlex[classroom]'" in caught.value.next_step.en


def dlex(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `dlex`."""
    command = [sys.executable, "-W", "error", "-m", "dlex", "--course", str(COURSE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class with one copy."""
    for student, text in {**HONEST, "wang_wei": DISGUISED}.items():
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "double.py").write_text(text, encoding="utf-8")
    return tmp_path / "class"


def test_the_command_writes_the_page(folder: Path) -> None:
    """It names the most alike, says where the page is, and copydetect says nothing."""
    done = dlex("class", "similar", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 pair is alike (8 submissions compared)" in done.stdout
    assert "loop, wang_wei" in done.stdout
    assert "no proof" in done.stdout
    assert "wang_wei" in (folder / "similar.html").read_text(encoding="utf-8")


def test_the_command_speaks_chinese_and_writes_elsewhere(folder: Path, tmp_path: Path) -> None:
    """`--lang` goes for the page too."""
    done = dlex("--lang", "zh", "class", "similar", str(folder), "--exercise", "01", "--html", str(tmp_path / "p.html"))
    assert done.returncode == 0, done.stderr
    assert 'lang="zh-CN"' in (tmp_path / "p.html").read_text(encoding="utf-8")
    assert not (folder / "similar.html").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--threshold", "0"), "--threshold is more than 0"),
        (("--threshold", "nan"), "--threshold is more than 0"),
        (("--exercise", "77"), "There is no exercise"),
        (("--exercise", "02"), "There is no submission"),
    ],
)
def test_a_slip_is_one_sentence(folder: Path, options: Sequence[str], said: str) -> None:
    """What cannot be meant so ends with 2."""
    done = dlex("class", "similar", str(folder), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
