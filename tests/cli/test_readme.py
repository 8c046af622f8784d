"""What the READMEs print is what the tool prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("page", "language"), [("README.md", "en"), ("README.zh-CN.md", "zh-CN")])
def test_the_first_example_is_true(
    page: str, language: str, tmp_path: Path, server_environment: dict[str, str]
) -> None:
    shown = re.search(r"^```\n\$ dlex check 12\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
    assert shown is not None
    dlex = [sys.executable, "-m", "dlex", "--lang", language]
    environment = {**os.environ, "COLUMNS": "80", "DLEX_LANG": language}
    mistake = subprocess.run(
        [*dlex, "author", "mistake", "12", "heloo"], capture_output=True, check=True, env=environment
    )
    file = tmp_path / "rnn_hello.py"
    file.write_bytes(mistake.stdout)
    done = subprocess.run([*dlex, "check", "12", str(file)], capture_output=True, check=False, env=environment)
    assert done.returncode == 1
    assert done.stdout.decode("utf-8") == shown[1]
