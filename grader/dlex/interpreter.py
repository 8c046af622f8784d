"""How dlex starts Python: without the current folder, whose files are whoever's, and not dlex's to run.

A learner's `random.py` beside the attempt would be imported in the place of the standard library's, with the rights of
whoever checks it and before anything is confined.  Imports only what every Python has loaded when it starts: anything
else might be found in the current folder.
"""

import os
import sys

# A folder of the system's: what dlex starts works there unless it has one of its own.
NEUTRAL_FOLDER = os.path.abspath(os.sep)
PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # where this dlex was imported from


def python_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module as a program; give it `python_environment`, and a folder to work in."""
    return [sys.executable, "-P", "-m", module, *arguments]


def python_script(code: str, *arguments: str) -> list[str]:
    """The command that runs a line of code; start it as `python_command`."""
    return [sys.executable, "-P", "-c", code, *arguments]


def python_environment(environment: dict[str, str] | None = None) -> dict[str, str]:
    """An environment, by default this one, in which no program of Python's looks into the current folder."""
    kept = dict(os.environ if environment is None else environment)
    # Libraries and byte code too: an entry that is empty or relative means the current folder, or one below it.
    for name, holds in {"PYTHONPATH": is_elsewhere, "LD_LIBRARY_PATH": os.path.isabs}.items():
        entries = list(filter(holds, kept.pop(name, "").split(os.pathsep)))
        if entries:
            kept[name] = os.pathsep.join(entries)
    for name in ("PYTHONHOME", "PYTHONPYCACHEPREFIX"):
        if not os.path.isabs(kept.get(name, os.sep)):
            del kept[name]
    return kept | {"PYTHONSAFEPATH": "1"}


def is_elsewhere(entry: str) -> bool:
    """Whether an entry of `PYTHONPATH` is another folder than the current one, or the one that dlex itself is from."""
    if not os.path.isabs(entry):
        return False
    try:
        return os.path.samefile(entry, PACKAGES) or not os.path.samefile(entry, os.curdir)
    except OSError:
        return True


def forget_current_folder() -> None:
    """Take what `PYTHONPATH` says of the current folder off this process's search path."""
    pythons = {PACKAGES, os.path.dirname(os.__file__)}
    for entry in filter(None, [os.environ.get("PYTHONPATH")]):
        for path in (os.path.abspath(part) for part in entry.split(os.pathsep) if not is_elsewhere(part)):
            if path in sys.path and path not in pythons and not path.endswith("-packages"):
                sys.path.remove(path)
