"""Confinement of the attempt process: what it may do (policy), and what holds it to that (the rest)."""

from dlex.sandbox.confine import available_layers, confine_self, confine_to_descriptors
from dlex.sandbox.guard import prepare, start_confined
from dlex.sandbox.policy import LAYERS, Isolation, Limits, Policy, default_read_paths

__all__ = [
    "LAYERS",
    "Isolation",
    "Limits",
    "Policy",
    "available_layers",
    "confine_self",
    "confine_to_descriptors",
    "default_read_paths",
    "prepare",
    "start_confined",
]
