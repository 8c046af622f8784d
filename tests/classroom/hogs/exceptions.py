"""Raises from deep down what takes long to tell."""


def double(x):
    def deep(n):
        try:
            deep(n - 1) if n else 1 / 0
        except Exception as error:
            raise ValueError("x" * 100_000) from error

    while True:
        try:
            deep(500)
        except ValueError:
            pass
