"""The JSON form of a result keeps to its schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from made_up_results import RAISED, RESULTS, check, result

import dlex.feedback
from dlex.course.errors import AttemptError, DlexError
from dlex.course.text import Text
from dlex.feedback.as_json import as_json, encode, many, not_graded
from dlex.protocol import result as protocol
from dlex.protocol.result import Comparison, RaisedException, Status, Verdict

SCHEMA = json.loads((Path(dlex.feedback.__file__).parent / "result.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", RESULTS)
def test_results_keep_to_the_schema(name: str, language: str) -> None:
    said = json.loads(encode(as_json(RESULTS[name], language)))
    jsonschema.validate(said, SCHEMA)


def test_the_schema_knows_every_status_verdict_and_field() -> None:
    assert SCHEMA["properties"]["status"]["enum"] == [status.value for status in Status]
    check = SCHEMA["$defs"]["check"]["properties"]
    assert check["verdict"]["enum"] == [verdict.value for verdict in Verdict]
    assert list(check["comparison"]["properties"]) == list(Comparison.__struct_fields__)
    assert list(SCHEMA["$defs"]["raised"]["properties"]) == list(RaisedException.__struct_fields__)
    assert SCHEMA["$id"] == protocol.SCHEMA


def test_an_exception_is_told_as_a_fact() -> None:
    """Beside the sentence, which is the same as on the screen."""
    said = as_json(result(Status.FAILED, check("shape", RAISED), check("values")), "en")["checks"]
    assert said[0]["message"].endswith(" (3x4 and 5x6) (line 41)")
    assert said[0]["line"] == 41
    assert said[0]["raised"] == {
        "kind": "RuntimeError",
        "bases": ("RuntimeError", "Exception", "BaseException", "object"),
        "message": "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)",
    }
    assert (said[1]["raised"], said[1]["line"]) == (None, None)
    whole = as_json(result(Status.UNRUNNABLE, reason=RAISED), "en")
    assert (whole["raised"]["kind"], whole["line"]) == ("RuntimeError", 41)


def test_texts_are_in_the_language() -> None:
    english, chinese = (as_json(RESULTS["folded"], name) for name in ("en", "zh-CN"))
    assert english["checks"][0]["title"].startswith("The block")
    assert chinese["checks"][0]["title"] == "模块输出 88 个通道，高和宽不变"
    assert chinese["notes"] == ["从 PyTorch 0.4 起 `Variable(x)` 不再起作用。"]
    assert chinese["checks"][0]["diagnosis"] == "missing_padding"
    assert chinese["checks"][2]["diagnosis"] is None
    assert chinese["checks"][2]["message"] == ""


@pytest.mark.parametrize(("kind", "status"), [(AttemptError, "unrunnable"), (DlexError, "grader_error")])
def test_what_could_not_be_graded_has_the_same_form(kind: type[DlexError], status: str) -> None:
    error = kind(Text(en="It is empty.", zh="它是空的。"), Text(en="Write it.", zh="请编写。"))
    said = as_json(not_graded("10_inception_block", error, "cpu"), "zh-CN")
    jsonschema.validate(said, SCHEMA)
    assert (said["status"], said["reason"], said["next_step"]) == (status, "它是空的。", "请编写。")


def test_many_results_are_one_object() -> None:
    said = many(list(RESULTS.values()), "en")
    assert said["schema"] == "dlex/results/1"
    assert len(said["results"]) == len(RESULTS)
    assert said["points"] == sum(result.points for result in RESULTS.values())
