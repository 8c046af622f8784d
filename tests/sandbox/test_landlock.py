"""Path rules around what is hidden."""

from __future__ import annotations

from pathlib import Path

from dlex.sandbox import landlock
from dlex.sandbox.landlock import READ, READ_DIR, Rule


def test_a_root_without_hidden_parts_is_one_rule() -> None:
    assert list(landlock.around("/a", ("/b",), list_parents=True)) == [Rule(path="/a", rights=READ)]


def test_a_name_that_only_begins_the_same_is_not_hidden() -> None:
    assert list(landlock.around("/a", ("/ab",), list_parents=True)) == [Rule(path="/a", rights=READ)]


def test_a_hidden_root_has_no_rule() -> None:
    assert list(landlock.around("/a", ("/a",), list_parents=True)) == []


def test_siblings_of_the_hidden_are_listed_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "sub" / "hidden").mkdir(parents=True)
    (tmp_path / "sub" / "shown").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("sub/hidden")
    rules = list(landlock.around(str(tmp_path), (str(tmp_path / "sub" / "hidden"),), list_parents=False))
    assert rules == [Rule(path=str(tmp_path / name), rights=READ) for name in ("file", "sub/shown")]
    listed = list(landlock.around(str(tmp_path), (str(tmp_path / "sub" / "hidden"),), list_parents=True))
    assert [rule.path for rule in listed if rule.rights == READ_DIR] == [str(tmp_path), str(tmp_path / "sub")]


def test_rights_follow_the_version() -> None:
    assert [landlock.handled(version).bit_length() for version in range(1, 8)] == [13, 14, 15, 15, 16, 16, 16]
