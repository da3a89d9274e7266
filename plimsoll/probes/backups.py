"""Looks into the files of a backup: how they are packed, what they hold, and whether that is all of it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, cast

from plimsoll.observations.drills.made import CUSTOM, EMPTY, SNAPSHOT, SQL, TAR, DumpHead, Piece

MAGIC: Mapping[bytes, str] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
}
"""What compressed files begin with (RFC 1952, RFC 8878, and the formats' own pages)."""

UNPACK: Mapping[str, Callable[[Path], IO[bytes]]] = {
    "gzip": cast(Callable[[Path], IO[bytes]], gzip.open),
    "xz": cast(Callable[[Path], IO[bytes]], lzma.open),
    "bzip2": cast(Callable[[Path], IO[bytes]], bz2.open),
}
OTHER_PROGRAMS: Mapping[str, tuple[str, ...]] = {"zstd": ("zstd", "-dcq"), "lz4": ("lz4", "-dcq")}

TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257
"""POSIX.1-1988, ustar."""

HEAD_BYTES = 65_536
MEMBERS_MOST = 5_000
SECONDS = 120.0
DUMPED_FROM = re.compile(rb"^-- Dumped from database version (\S+)")
CREATED = re.compile(rb"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(?:\w+\.)?\"?(\w+)\"?")
OWNED = re.compile(rb"^ALTER .* OWNER TO ")
GRANTED = re.compile(rb"^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .*\b(ON|IN)\b")
COPIED = re.compile(rb"^COPY .* FROM stdin;$")
LISTED_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE \S+ (\S+) \S+$", re.MULTILINE)
LISTED_GRANT = re.compile(r"^\d+; \d+ \d+ (DEFAULT )?ACL ", re.MULTILINE)
LISTED_FROM = re.compile(r"Dumped from database version: (\S+)")
END = b"-- PostgreSQL database dump complete"
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, subprocess.SubprocessError)


def piece_of(path: Path, *, shown: str) -> Piece:
    """The file, looked into; `shown` is its path on the host. What cannot be read says so in `trouble`."""
    stat = path.stat()
    with path.open("rb") as file:
        first = file.read(HEAD_BYTES)
    packed = next((name for magic, name in MAGIC.items() if first.startswith(magic)), "")
    seen = Piece(path=shown, bytes=stat.st_size, mode=stat.st_mode & 0o777, packed=packed)
    try:
        with _opened(path, packed) as content:
            head = content.read(HEAD_BYTES)
        form = _form(head)
        dump, members = None, tuple[str, ...]()
        if form == SQL:
            with _opened(path, packed) as content:
                dump = _of_sql(content)
        elif form == CUSTOM and not packed:
            dump = _of_custom(path)
        elif form == TAR:
            with _opened(path, packed) as content:
                members = tuple(_members(content))
        elif packed:
            with _opened(path, packed) as content:
                while content.read(HEAD_BYTES):
                    pass
    except BROKEN as error:
        trouble = f"cannot be read to its end: {str(error).lower() or type(error).__name__}"
        return _with(seen, form="", trouble=trouble)
    return _with(seen, form=form, members=members, dump=dump)


def _with(
    seen: Piece, *, form: str, members: tuple[str, ...] = (), dump: DumpHead | None = None, trouble: str = ""
) -> Piece:
    return Piece(
        path=seen.path,
        bytes=seen.bytes,
        mode=seen.mode,
        packed=seen.packed,
        form=form,
        members=members,
        dump=dump,
        trouble=trouble,
    )


@contextmanager
def _opened(path: Path, packed: str) -> Iterator[IO[bytes]]:
    """What is in it, unpacked. Raises OSError where no program can unpack it."""
    if packed not in OTHER_PROGRAMS:
        with UNPACK[packed](path) if packed else path.open("rb") as content:
            yield content
        return
    program, *words = OTHER_PROGRAMS[packed]
    if shutil.which(program) is None:
        raise OSError(f"there is no {program} here")
    with subprocess.Popen([program, *words, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        yield process.stdout
        process.kill()


def _form(head: bytes) -> str:
    """What a file is that begins so."""
    if not head:
        return EMPTY
    if head.startswith(b"PGDMP"):
        return CUSTOM
    if head.startswith(b"REDIS"):
        return SNAPSHOT
    if head[TAR_MAGIC_AT:].startswith(TAR_MAGIC):
        return TAR
    return SQL if b"-- PostgreSQL database" in head else ""


def _of_sql(lines: Iterable[bytes]) -> DumpHead:
    """What a dump in SQL says; rows of tables are skipped, as they may say anything."""
    server, whole, owners, grants, tables = "", False, 0, 0, list[str]()
    inside = False
    for line in lines:
        if inside:
            inside = line.rstrip(b"\r\n") != b"\\."
        elif COPIED.match(line.rstrip(b"\r\n")):
            inside = True
        elif found := CREATED.match(line):
            tables.append(found[1].decode(errors="replace"))
        elif found := DUMPED_FROM.match(line):
            server = found[1].decode(errors="replace")
        else:
            owners += bool(OWNED.match(line))
            grants += bool(GRANTED.match(line))
            whole = whole or line.startswith(END)
    return DumpHead(whole=whole and not inside, server=server, owners=owners, grants=grants, tables=tuple(tables))


def _of_custom(path: Path) -> DumpHead | None:
    """What a dump in PostgreSQL's own format says; None where no pg_restore is here to ask."""
    program = shutil.which("pg_restore")
    if program is None:
        return None
    listed = _said(program, "--list", str(path))
    read = _said(program, "--file", "/dev/null", str(path))
    if listed is None:
        return DumpHead(whole=False)
    server = LISTED_FROM.search(listed)
    return DumpHead(
        whole=read is not None,
        server=server[1] if server else "",
        grants=len(LISTED_GRANT.findall(listed)),
        tables=tuple(LISTED_TABLE.findall(listed)),
    )


def _said(*command: str) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    return done.stdout if done.returncode == 0 else None


def _members(content: IO[bytes]) -> Iterator[str]:
    """The names in an archive; all of it is read."""
    with closing(tarfile.open(fileobj=content, mode="r|")) as archive:
        for number, member in enumerate(archive):
            if number < MEMBERS_MOST:
                yield member.name
