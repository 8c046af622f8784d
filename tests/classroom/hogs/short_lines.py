"""Prints short lines without end."""


def double(x):
    while True:
        print("x", flush=True)
