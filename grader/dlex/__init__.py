"""dlex: self-grading deep-learning exercises for PyTorch.  Importing this must stay light: no torch here."""

import sys  # and nothing else: `python -m dlex` runs this while the current folder is first on its search path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dlex.feedback.notebook import check, load_ipython_extension

__version__ = "0.1.0"
__all__ = ["__version__", "check", "load_ipython_extension"]


def __getattr__(name: str) -> object:
    """What a notebook uses, imported when it is asked for; asking for `check` also brings the magic `%%dlex`."""
    if name not in ("check", "load_ipython_extension"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if "dlex.attempt.answering" in sys.modules:  # a cell that checks itself is being graded: there is nobody to ask
        return lambda *_given: None
    from dlex.feedback import notebook

    if name == "check":
        notebook.register()
    found: object = getattr(notebook, name)
    return found
