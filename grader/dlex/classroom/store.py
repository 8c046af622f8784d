"""What a class has been given: results and marks in one SQLite file, whole at every moment.

A result is kept by what determines it, so equal attempts share one and a regrade touches only what changed.  A mark
says which result a student has for an exercise, what was told of it last, and whether the gradebook has it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from dlex.classroom.leftovers import Leftover
from dlex.classroom.submission import Slot
from dlex.course.errors import UsageError, cannot_write
from dlex.course.text import Text
from dlex.protocol.result import ExerciseResult, Status

STORE = Path(".dlex") / "marks.sqlite"  # in the class's folder
PATIENCE = 10.0  # seconds: another `dlex class` may be writing just now
VERSION = 1
TABLES = """
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY, exercise TEXT NOT NULL, result BLOB NOT NULL, lasting INTEGER NOT NULL,
    graded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (
    student TEXT NOT NULL, exercise TEXT NOT NULL, key TEXT NOT NULL, path TEXT NOT NULL, submitted_at TEXT NOT NULL,
    status TEXT NOT NULL, points REAL NOT NULL, max_points REAL NOT NULL,
    told_status TEXT, told_points REAL, delivered TEXT,
    PRIMARY KEY (student, exercise)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leftovers (
    path TEXT NOT NULL, en TEXT NOT NULL, zh TEXT NOT NULL, student TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    path TEXT NOT NULL, exercise TEXT NOT NULL, token TEXT NOT NULL, scores TEXT NOT NULL,
    PRIMARY KEY (path, exercise)
) WITHOUT ROWID;
"""
PUT_MARK = """
INSERT INTO marks (student, exercise, key, path, submitted_at, status, points, max_points) VALUES (?,?,?,?,?,?,?,?)
ON CONFLICT (student, exercise) DO UPDATE SET key=excluded.key, path=excluded.path, submitted_at=excluded.submitted_at,
    status=excluded.status, points=excluded.points, max_points=excluded.max_points
"""
MARK = "student, exercise, key, path, submitted_at, status, points, max_points, told_status, told_points, delivered"


class Mark(NamedTuple):
    """What one student has for one exercise."""

    student: str
    exercise: str
    key: str
    path: str
    submitted_at: str
    status: str
    points: float
    max_points: float
    told_status: str | None = None
    told_points: float | None = None
    delivered: str | None = None

    @property
    def slot(self) -> Slot:
        """Whose mark, and for what."""
        return Slot(self.student, self.exercise)

    @property
    def token(self) -> str:
        """What the gradebook has when it has this mark."""
        return f"{self.key} {self.submitted_at}"

    @property
    def is_new(self) -> bool:
        """Whether nothing was told of it yet."""
        return self.told_status is None

    @property
    def has_changed(self) -> bool:
        """Whether it is another than the one last told."""
        return not self.is_new and (self.told_status, self.told_points) != (self.status, self.points)


class Receipt(NamedTuple):
    """One exercise's mark as it was brought to nbgrader: what it was made from, and the scores of its cells."""

    token: str
    scores: str


def _unusable(path: Path, error: Exception) -> UsageError:
    """What to say of a file that cannot be used: it is in use, may not be written, or is of something else."""
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UsageError(
            Text(en=f"{path} is in use by another program.", zh=f"{path} 正被另一个程序使用。"),
            Text(
                en="Wait until that is done, and run this again: what is graded is kept.",
                zh="请等它结束后再运行一次：已评测的结果都会保留。",
            ),
        )
    if isinstance(error, OSError) or code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL):
        return cannot_write(path, error if isinstance(error, OSError) else OSError(str(error)))
    return UsageError(
        Text(en=f"{path} is no file of results: {error}.", zh=f"{path} 不是成绩文件：{error}。"),
        Text(
            en="Move it away, and grade again: submissions are not touched.",
            zh="请把它移走后重新评测：作业文件不受影响。",
        ),
    )


class Store:
    """The results and marks of one class.  `with Store(path) as store:`; each `put` is one transaction."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, or make it; raises `UsageError` if it is of something else."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing, and WAL stays whole
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version not in (0, VERSION):
                raise sqlite3.DatabaseError(f"version {version}")
            self._db.executescript(f"{TABLES} PRAGMA user_version = {VERSION};")
        except (sqlite3.Error, OSError) as error:
            raise _unusable(path, error) from error

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def result(self, key: str) -> ExerciseResult | None:
        """The result of this key, if it is there and can be read."""
        row = self._db.execute("SELECT result FROM results WHERE key = ?", (key,)).fetchone()
        try:
            return msgspec.json.decode(row[0], type=ExerciseResult) if row else None
        except msgspec.MsgspecError:  # of an older dlex: graded again
            return None

    def has(self, key: str) -> bool:
        """Whether there is a result of this key that need not be graded again."""
        return self._db.execute("SELECT 1 FROM results WHERE key = ? AND lasting", (key,)).fetchone() is not None

    def put(self, key: str, result: ExerciseResult, marks: Iterable[Mark]) -> None:
        """Keep a result and the marks that it gives, all or nothing.

        A result that says that dlex broke tells nothing of the attempt: it is shown, but graded again next time.
        """
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO results (key, exercise, result, lasting) VALUES (?,?,?,?)",
                (key, result.exercise, msgspec.json.encode(result), result.status is not Status.GRADER_ERROR),
            )
            self._db.executemany(PUT_MARK, [mark[:8] for mark in marks])

    def remark(self, marks: Iterable[Mark]) -> None:
        """Give marks whose result is kept already."""
        with self._transaction():
            self._db.executemany(PUT_MARK, [mark[:8] for mark in marks])

    def forget(self, keys: Iterable[str]) -> None:
        """Drop results, so that they are graded anew; marks stay until then."""
        with self._transaction():
            self._db.executemany("DELETE FROM results WHERE key = ?", [(key,) for key in keys])

    def withdraw(self, slots: Iterable[Slot]) -> None:
        """Drop the marks of submissions that are no longer there."""
        with self._transaction():
            self._db.executemany("DELETE FROM marks WHERE student = ? AND exercise = ?", list(slots))

    def leave(self, leftovers: Iterable[Leftover]) -> None:
        """Remember what was not graded, in the place of what was remembered before."""
        rows = [(left.path, left.reason.en, left.reason.zh, left.student) for left in leftovers]
        with self._transaction():
            self._db.execute("DELETE FROM leftovers")
            self._db.executemany("INSERT INTO leftovers (path, en, zh, student) VALUES (?,?,?,?)", rows)

    def leftovers(self) -> Iterator[Leftover]:
        """What was not graded, as it was found."""
        for path, en, zh, student in self._db.execute("SELECT path, en, zh, student FROM leftovers ORDER BY rowid"):
            yield Leftover(path, Text(en=en, zh=zh), student)

    def delivered(self, mark: Mark) -> None:
        """Remember that the gradebook has this mark."""
        self._db.execute("UPDATE marks SET delivered = ? WHERE student = ? AND exercise = ?", (mark.token, *mark.slot))

    def receipt(self, path: str, exercise: str) -> Receipt | None:
        """What was last brought to nbgrader of an exercise in the notebook at `path`."""
        row = self._db.execute(
            "SELECT token, scores FROM deliveries WHERE path = ? AND exercise = ?", (path, exercise)
        ).fetchone()
        return Receipt(*row) if row else None

    def put_receipt(self, path: str, exercise: str, receipt: Receipt) -> None:
        """Remember what was brought to nbgrader."""
        self._db.execute("INSERT OR REPLACE INTO deliveries VALUES (?,?,?,?)", (path, exercise, *receipt))

    def told(self) -> None:
        """Remember that the teacher has been told of every mark as it is now."""
        self._db.execute("UPDATE marks SET told_status = status, told_points = points")

    def marks(self, student: str | None = None) -> Iterator[Mark]:
        """Every mark, or one student's, by student and exercise."""
        of_whom, who = ("", ()) if student is None else ("WHERE student = ?", (student,))
        for row in self._db.execute(f"SELECT {MARK} FROM marks {of_whom} ORDER BY student, exercise", who):
            yield Mark(*row)

    def graded(self) -> Iterator[tuple[Mark, ExerciseResult]]:
        """Every mark with its result, by student and exercise, one at a time."""
        for mark in self.marks():
            result = self.result(mark.key)
            if result is not None:
                yield mark, result

    def mark(self, slot: Slot) -> Mark | None:
        """The mark of one student for one exercise."""
        row = self._db.execute(f"SELECT {MARK} FROM marks WHERE student = ? AND exercise = ?", slot).fetchone()
        return Mark(*row) if row else None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of the statements in the block, or none."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise _unusable(self._path, error) from error
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
