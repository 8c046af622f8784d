"""Devices: what an exercise can run on, and how exactly results must agree there."""
