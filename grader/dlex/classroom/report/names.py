"""The names of students and files, made harmless: whoever is graded has chosen them."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from dlex.course.text import shown as shown

# Kept short, so that a suffix and a hash still fit where a file's name may have 255 bytes.
LONGEST = 50
UNSAFE = re.compile(r"[^\w.-]+")
# What Windows keeps for itself, with any suffix.
RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def file_name(student: str) -> str:
    """A name for a file about this student: another for each, on every file system, and never a hidden one.

    >>> file_name("li_hua")
    'li_hua'
    """
    safe = UNSAFE.sub("_", student)[:LONGEST].strip(".-")
    if safe and safe == student == _folded(student) and not RESERVED.fullmatch(safe):
        return safe
    # Some file systems do not tell capitals or forms of accents apart: such names are told apart by their hash.
    return f"{safe or 'student'}-{hashlib.blake2b(student.encode(), digest_size=6).hexdigest()}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
