"""Grading: the warm server, the judge, the attempt process and the wire between them."""
