"""What scanners said before, by the content of what they looked at and by their version: kept between runs."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from plimsoll.model import Severity
from plimsoll.probes.scanners.results import Result, Unread
from plimsoll.runs import cache_folder

HERE = Path(__file__).parent

MOST = 5_000
"""Entries kept for one scanner: those of some hundred runs; about 1 kB each."""

Results = tuple[Result | Unread, ...]


class Memory:
    """What one scanner said before. Whatever cannot be read is forgotten; what cannot be written was never kept."""

    def __init__(self, scanner: str, identity: str) -> None:
        self._folder = cache_folder() / "scans" / scanner
        self._identity = identity
        self._wrote = False

    def key(self, parts: Iterable[tuple[str, str]]) -> str:
        """The name of what is said of these files, each a path and a text."""
        told = hashlib.sha256(f"{reading()}\0{self._identity}".encode())
        for path, text in parts:
            told.update(f"\0{len(path)}\0{len(text)}\0{path}{text}".encode("utf-8", "surrogatepass"))
        return told.hexdigest()

    def recall(self, key: str) -> Results | None:
        """What was said before; None if nothing was."""
        try:
            rows = json.loads((self._folder / key).read_text(encoding="utf-8"))
            return tuple(_read(row) for row in rows)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, key: str, results: Iterable[Result | Unread]) -> None:
        """What was said is found again the next time."""
        text = json.dumps([_written(each) for each in results])
        half = self._folder / f".{key}-{os.getpid()}-{secrets.token_hex(4)}"
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            half.write_text(text, encoding="utf-8")
            half.replace(self._folder / key)
            self._wrote = True

    def forget(self) -> None:
        """The oldest entries are gone where there are too many; nothing is done where nothing was added."""
        if not self._wrote:
            return
        with suppress(OSError):
            entries = sorted(self._folder.iterdir(), key=_age)
            for path in entries[: max(len(entries) - MOST, 0)]:
                path.unlink(missing_ok=True)


@cache
def reading() -> str:
    """How we read what scanners say, as a hash: what an older version of us made of it is not found any more."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))).hexdigest()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _written(each: Result | Unread) -> list[str | int]:
    if isinstance(each, Unread):
        return [each.path, each.why]
    return [each.path, each.rule, each.message, each.severity.value, each.line, each.link]


def _read(row: list[str | int]) -> Result | Unread:
    """An entry as it was kept. Raises ValueError or TypeError for any other."""
    if len(row) == len(("path", "why")):
        return Unread(path=str(row[0]), why=str(row[1]))
    path, rule, message, severity, line, link = row
    return Result(
        path=str(path),
        rule=str(rule),
        message=str(message),
        severity=Severity(str(severity)),
        line=int(line),
        link=str(link),
    )


def remembered(folder: Path, program: Path, ask: Callable[[], str]) -> str:
    """What a program says of its version, asked once as long as its file does not change."""
    stat = program.resolve().stat()
    key = hashlib.sha256(f"{program.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}".encode()).hexdigest()[:24]
    place = folder / key
    with suppress(OSError):
        return place.read_text(encoding="utf-8")
    said = ask()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        half = place.with_name(f".{key}-{secrets.token_hex(4)}")
        half.write_text(said, encoding="utf-8")
        half.replace(place)
    return said
