"""`python -m dlex` and the `dlex` command."""

from __future__ import annotations

import gc
import os
import sys
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
