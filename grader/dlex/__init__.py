"""dlex: self-grading deep-learning exercises for PyTorch.  Importing this must stay light: no torch here."""

__version__ = "0.1.0"
__all__ = ["__version__"]
