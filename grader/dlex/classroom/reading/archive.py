"""Takes the files of code out of a zip that a student handed in.  Runs in the reader, which limits time and memory."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from dlex.classroom.reading.messages import Archive, Member
from dlex.course.errors import AttemptError
from dlex.course.source import MAX_BYTES, MAX_NOTEBOOK_BYTES, is_notebook
from dlex.course.text import Text

MAX_MEMBERS = 500
MAX_TOTAL = 64 << 20  # bytes of all files taken out of one zip
MAX_RATIO = 200  # text is packed to a fifth, a page of blanks to a hundredth
SMALL = 1 << 20  # below this the ratio says nothing
MAX_DEPTH = 8
MAX_PATH = 300  # characters
CODE = (".py", ".ipynb")
ENCRYPTED, NAMED_IN_UTF8 = 0x1, 0x800

NO_CODE = Text(en="is no .py or .ipynb file", zh="不是 .py 或 .ipynb 文件")
UNSAFE = Text(en="has a path that leads out of the zip", zh="路径指向压缩包之外")
LINK = Text(en="is a link, not a file", zh="是链接，不是文件")
LOCKED = Text(en="is encrypted", zh="已加密")
TOO_LARGE = Text(en="is too large", zh="太大")
DAMAGED = Text(en="is damaged", zh="已损坏")
TWICE = Text(en="has a name that is in the zip twice", zh="与压缩包中的另一个文件重名")
TOO_MANY = Text(en="is one of more than {most} files", zh="所在的压缩包超过 {most} 个文件").format(most=MAX_MEMBERS)
IN_A_ZIP = Text(en="is a zip within a zip, which is not opened", zh="是压缩包中的压缩包，不会打开")


def read_archive(data: bytes, name: str) -> Archive:
    """What a zip holds, each member with its bytes or why it was left out; raises `AttemptError` if it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return Archive(tuple(sorted(_members(archive), key=lambda member: member.path)))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise AttemptError(
            Text(en=f"{name} is not a zip that can be read.", zh=f"{name} 不是可以读取的 zip 文件。"),
            Text(en="Hand in the .py or .ipynb file itself.", zh="请直接提交 .py 或 .ipynb 文件。"),
        ) from None


def _members(archive: zipfile.ZipFile) -> Iterator[Member]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    seen: set[str] = set()
    room = MAX_TOTAL
    for place, info in enumerate(infos):
        path = _path(info)
        if place == MAX_MEMBERS:
            yield Member(path, problem=TOO_MANY)
            return
        problem = _problem(info, path) or (TWICE if path in seen else None)
        seen.add(path)
        content = b""
        if problem is None:
            content, problem = _content(archive, info, min(room, _most(path)))
            room -= len(content)
        yield Member(path, content, problem)


def _path(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: zips from Chinese Windows hold GBK and do not say so."""
    name = info.orig_filename
    if not info.flag_bits & NAMED_IN_UTF8:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.encode("utf-8", "replace").decode("utf-8").replace("\\", "/")[:MAX_PATH]


def _problem(info: zipfile.ZipInfo, path: str) -> Text | None:
    """Why a member is not taken out, as far as its entry tells."""
    parts = path.split("/")
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".zip":
        return IN_A_ZIP
    if suffix not in CODE:
        return NO_CODE
    if path.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in path or len(parts) > MAX_DEPTH:
        return UNSAFE
    if stat.S_ISLNK(info.external_attr >> 16):
        return LINK
    if info.flag_bits & ENCRYPTED:
        return LOCKED
    swollen = info.file_size > SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size)
    return TOO_LARGE if swollen or info.file_size > _most(path) else None


def _most(path: str) -> int:
    return MAX_NOTEBOOK_BYTES if is_notebook(path) else MAX_BYTES


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> tuple[bytes, Text | None]:
    """The bytes of a member, never more than `most`, whatever its entry says."""
    try:
        with archive.open(info) as file:
            content = file.read(most + 1)
    except Exception:  # each way of packing has its own
        return b"", DAMAGED
    return (content, None) if len(content) <= most else (b"", TOO_LARGE)
