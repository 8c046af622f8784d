"""`python -m dlex` and the `dlex` command."""

# ruff: noqa: E402 - nothing else may be imported before the current folder is off the search path
import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # `python -m` has put the current folder there

from dlex.interpreter import forget_current_folder

forget_current_folder()

import gc
import os
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    gc.disable()  # a command lives for a tenth of a second and leaves no cycles worth collecting
    from dlex.cli.app import run

    code = run(sys.argv[1:])
    # What is left of the interpreter's work is taking itself apart, and nobody waits for that.
    os._exit(code)


if __name__ == "__main__":
    main()
