"""Tries dlex with other versions than those of constraints.txt, in environments of their own.

    python .ci/check_versions.py [--only floors|newest] [--quick] [--if-available]

`floors` has every direct dependency at the oldest version that pyproject.toml allows, `newest` what pip takes today,
with the torchvision that belongs to its torch.  In each, the references are graded on the CPU and on the simulated
GPU, 30 stored mistakes must get their own diagnosis, and the tests of devices, kit, grading and sandbox must pass.

`--quick` leaves out the mistakes and all tests but those of devices.  With `--if-available`, an environment whose torch
pip cannot get is left out, with one line that says so.  Ends with 1 if anything else fails.  Takes several GB of disk.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("vision", "classroom", "cluster")
TOOLS = ("hypothesis", "jsonschema", "pexpect")  # what the tests need besides dlex
TESTS = (
    "tests/devices",
    "tests/kit",
    "tests/protocol",
    "tests/attempt",
    "tests/judge",
    "tests/server",
    "tests/sandbox",
)
INSTALL_SECONDS, TORCH_SECONDS = 1800, 480
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;]*)")
_FLOOR = re.compile(r">=\s*([\w.!+]+)")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What to install: `torch` first, since it may not be there to be had, then the rest."""

    name: str
    torch: tuple[str, ...]
    rest: tuple[str, ...]


def floor_of(requirement: str) -> str:
    """`name==version` for the oldest version that a requirement allows; raises `ValueError` if it names none."""
    found = _REQUIREMENT.fullmatch(requirement.partition(";")[0])
    floor = _FLOOR.search(found[2]) if found else None
    if found is None or floor is None:
        raise ValueError(f"{requirement!r} has no oldest version: write name>=version")
    return f"{found[1]}=={floor[1]}"


def requirements_of(project: Mapping[str, Any], extras: Iterable[str] = EXTRAS) -> list[str]:
    """The direct dependencies that a project declares, with those of some extras."""
    optional = project.get("optional-dependencies", {})
    return [*project.get("dependencies", ()), *(r for extra in extras for r in optional[extra])]


def environments(project: Mapping[str, Any]) -> list[Environment]:
    """The environments to try."""
    floors = list(dict.fromkeys(floor_of(requirement) for requirement in requirements_of(project)))
    torch = tuple(pin for pin in floors if pin.partition("==")[0] in ("torch", "torchvision"))
    extras = ",".join(EXTRAS[:2])
    return [
        Environment(name="floors", torch=torch, rest=(*(p for p in floors if p not in torch), *TOOLS)),
        Environment(name="newest", torch=("torch", "torchvision"), rest=(f"{ROOT}[{extras}]", *TOOLS)),
    ]


def run(command: Sequence[str | Path], seconds: float | None = None) -> bool:
    """Whether a command ends well, in time; its output is shown."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_CONSTRAINT", "DLEX_"))}
    with tempfile.TemporaryDirectory(prefix="dlex-v-", dir="/tmp") as private:  # no server of another run is met
        environment = variables | {"XDG_RUNTIME_DIR": private}
        try:
            return subprocess.run(command, cwd=ROOT, env=environment, timeout=seconds, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            print(f"not done after {seconds:g} s: {' '.join(map(str, command))}", flush=True)
            return False


def install(environment: Environment, folder: Path) -> str:
    """Install into `folder`; returns what could not be, `torch` or `dlex`, or nothing."""
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not run([sys.executable, "-m", "venv", folder]) or not run([*pip, *environment.torch], TORCH_SECONDS):
        return "torch"
    if not run([*pip, *environment.torch, *environment.rest], INSTALL_SECONDS):
        return "dlex"
    return "" if run([*pip, "--no-deps", "-e", str(ROOT)], INSTALL_SECONDS) else "dlex"


def steps(python: Path, *, quick: bool) -> dict[str, list[str | Path]]:
    """What is tried in an environment, by name."""
    pytest: list[str | Path] = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    stored: list[str | Path] = [python, ROOT / ".ci" / "stored.py", "--mistakes", "0" if quick else "30"]
    return {"stored attempts": stored} | {folder: [*pytest, folder] for folder in TESTS[: 1 if quick else None]}


def check(environment: Environment, folder: Path, *, quick: bool, if_available: bool) -> list[str]:
    """What fails in an environment, which is made in `folder`."""
    start = time.monotonic()
    missing = install(environment, folder)
    if missing == "torch" and if_available:
        print(f"{environment.name}: left out: pip could not install {' and '.join(environment.torch)} here", flush=True)
        return []
    if missing:
        return [f"{environment.name}: {missing} cannot be installed"]
    print(f"{environment.name}: installed in {time.monotonic() - start:.0f} s", flush=True)
    python = folder / "bin" / "python"
    run([python, "-m", "pip", "list", "--disable-pip-version-check", "--format", "freeze"])
    failed = [name for name, command in steps(python, quick=quick).items() if not run(command)]
    print(f"{environment.name}: {time.monotonic() - start:.0f} s", flush=True)
    return [f"{environment.name}: {name} failed" for name in failed]


def main() -> int:
    """Try each environment; print what failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("floors", "newest"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--if-available", action="store_true")
    wish = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    failed = []
    for environment in environments(project):
        if wish.only in (None, environment.name):
            folder = Path(tempfile.mkdtemp(prefix=f"dlex-{environment.name}-"))
            folder.chmod(0o755)  # an attempt of root's runs as another user, who reads the packages
            try:
                failed += check(environment, folder, quick=wish.quick, if_available=wish.if_available)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    print(*failed or ["every version that was tried holds"], sep="\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
