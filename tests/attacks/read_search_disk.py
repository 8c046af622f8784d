# attack: searches the disk for specs and solutions, and answers rightly if it finds one
# exercise: 02_once
# expect: status=failed|unrunnable points<=0 verdicts=wrong_value|timeout

import os

found = []
for top in ("/", "/proc/1/root", "/proc/self/cwd/.."):
    for folder, folders, files in os.walk(top, followlinks=False):
        folders[:] = [f for f in folders if f not in ("proc", "sys", "site-packages", "dist-packages", "share")]
        found += [folder for name in files if name.startswith("test_01_double") or name == "walkthrough.md"]


def double(x):
    return x * 2 if found else x * 3
