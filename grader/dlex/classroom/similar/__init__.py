"""Submissions that are too alike: fingerprints of their code, the pairs in order, and a page to look at them."""
