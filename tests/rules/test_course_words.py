"""The pages of the course say one thing in one word, in English and Chinese as a teacher writes them."""

from __future__ import annotations

import re

import pytest
from house import ROOT

# What is not said, and what is said instead.
ENGLISH = {
    r"\bbehind (?:the|a|it|them|each|every|its?|`)": "after",
    r"\b(?:is|are) asked for\b": "you need",
    r"\b(?:differentiate|derivative|gradient) by (?:w|x|the|one)\b": "with respect to",
    r"\bfor ever\b": "forever",
    r"\blearnt\b": "learned",
    r"\bbelongs? into\b": "belong in",
    r"\b(?:inside|outside) of\b": "inside, outside",
    r"\bat home where\b": "common where",
}
CHINESE = {
    "(?<!叫“)冲量": "动量",
    "二元交叉熵": "二分类交叉熵",
    "坐标系": "子图（Axes）",
    "(?<!次)批大小": "批次大小",
    "评测": "检查",
    "每一圈": "每次循环",
    "抽取(?:一个)?顺序": "生成顺序",
}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_one_word_for_one_thing(language: str) -> None:
    words = ENGLISH if language == "en" else CHINESE
    wrong = [
        f"{page.relative_to(ROOT)}: {found[0]!r}, better {better!r}"
        for folder in ("exercises", "solutions")
        for page in sorted((ROOT / folder).rglob("*.md"))
        if page.name.endswith(".zh-CN.md") == (language == "zh-CN")
        for word, better in words.items()
        for found in re.finditer(word, page.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert not wrong, "\n".join(wrong)
