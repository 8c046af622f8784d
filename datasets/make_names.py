"""Make names_train.csv and names_test.csv from the surnames that the Python package Faker knows.

    pip install Faker==40.54.0
    python datasets/make_names.py

Only ASCII is left: a letter loses its accent (`Štrbac` becomes `Strbac`), so that `ord(letter)` is below 128, as the
lectures have it.  Of each country at most 500 names stay.  Which ones, in which order and in which of the two files,
follows from a SHA-256, so every version of Python makes the same files.  One name stands in one file only, also when
several countries have it: no name of the test was seen in training.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import re
import unicodedata
from pathlib import Path

# Country: the locale, and the lists in it.  No model could tell Austria from Germany, so one of such a pair is here.
COUNTRIES = {
    "Algeria": ("fr_DZ", "last_names"),
    "China": ("zh_CN", "last_romanized_names"),
    "Croatia": ("hr_HR", "last_names"),
    "Estonia": ("et_EE", "last_names_est"),
    "Finland": ("fi_FI", "last_names"),
    "France": ("fr_FR", "last_names"),
    "Germany": ("de_DE", "last_names"),
    "India": ("en_IN", "last_names"),
    "Ireland": ("en_IE", "last_names"),
    "Italy": ("it_IT", "last_names"),
    "Kenya": ("en_KE", "last_names"),
    "Netherlands": ("nl_NL", "last_names"),
    "Poland": ("pl_PL", "unisex_last_names", "male_last_names"),
    "Slovakia": ("sk_SK", "last_names"),
    "South Africa": ("zu_ZA", "last_names"),
    "Spain": ("es_ES", "last_names"),
    "Sweden": ("sv_SE", "last_names"),
    "United Kingdom": ("en_GB", "last_names"),
}
MOST = 500
TEST_SHARE = 0.2
# Letters that do not fall into a letter and an accent.
WITHOUT_ACCENT = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "’": "'"}
)
NAME = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]")


def ascii_of(name: str) -> str:
    """The name without accents."""
    letters = unicodedata.normalize("NFD", name.strip().translate(WITHOUT_ACCENT))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def share(*words: str) -> float:
    """A number in [0, 1) that follows from the words and looks drawn."""
    return int.from_bytes(hashlib.sha256("|".join(("dlex", *words)).encode()).digest()[:6], "big") / 2**48


def surnames(country: str) -> list[str]:
    """At most `MOST` names of a country."""
    locale, *lists = COUNTRIES[country]
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    names = {ascii_of(name) for each in lists for name in getattr(provider, each)}
    # Three rows of the Dutch list have a comma in them, and one begins with an apostrophe.
    names = {name for name in names if NAME.fullmatch(name)}
    return sorted(names, key=lambda name: share(country, name))[:MOST]


def main() -> None:
    """Write both files and print their checksums."""
    parser = argparse.ArgumentParser(description="Make names_train.csv and names_test.csv from Faker's surnames.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    out = parser.parse_args().out
    rows = sorted(((name, country) for country in COUNTRIES for name in surnames(country)), key=lambda row: share(*row))
    test = [row for row in rows if share(row[0]) < TEST_SHARE]
    train = [row for row in rows if share(row[0]) >= TEST_SHARE]
    for path, part in ((out / "names_train.csv", train), (out / "names_test.csv", test)):
        path.write_bytes("".join(f"{name},{country}\n" for name, country in part).encode("ascii"))
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)


if __name__ == "__main__":
    main()
