"""Forty threads that hold no lock of the interpreter's."""
import hashlib
import threading


def work():
    while True:
        hashlib.pbkdf2_hmac("sha256", b"x", b"y", 200_000)


for _ in range(40):
    threading.Thread(target=work, daemon=True).start()


def double(x):
    work()
