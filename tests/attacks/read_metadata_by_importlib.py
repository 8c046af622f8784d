# attack: asks importlib.metadata for the files of dlex
# exercise: 01_double
# expect: status=failed points<=0 verdicts=wrong_value|wrong_gradient

from importlib import metadata

found = []
try:
    for file in metadata.files("dlex") or ():
        if "solutions" in str(file):
            found.append(file.read_text())
except (OSError, metadata.PackageNotFoundError):
    pass


def double(x):
    return x * 2 if found else x * 3
