"""Disks without room: that of uploads, and that of the database."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from plimsoll.drills.clients.visitor import Visitor, object_of
from plimsoll.drills.resilience.beginnings import well
from plimsoll.drills.resilience.ward import Ward
from plimsoll.errors import CouldNotLook
from plimsoll.mounts import small_disk
from plimsoll.observations import HttpExchange
from plimsoll.observations.drills.faults import AFTER, BEFORE, MEANWHILE, Upload
from plimsoll.probes.database import connected
from plimsoll.stacks.volumes import DATA
from plimsoll.wait import NotReady, wait_until

BALLAST = ".ballast"
PIECE = 1 << 24
FILES = 3
"""Files that a client sends at each stage."""

FILE_BYTES = 100_000
OK = 200
SERVERS_FAULT = 500
"""From here on a status says nothing of the file (RFC 9110, 15.6)."""

DATABASE_BYTES = 256 * 1024 * 1024
"""A disk for a cluster as new, its log, and whatever a drill writes: 48 MB, two segments of 16 MB, and little else."""

LOGGED = "SELECT pg_logical_emit_message(false, 'plimsoll', repeat('x', 4000000))"
"""4 MB into the log and into no table: it needs no room but that of the log (PostgreSQL 15 manual, 9.28.6)."""

MOST_LOGGED = 60
"""How often, until nobody believes any more that the log needs room: it has some segments of 16 MB in reserve."""


PANIC = re.compile(r"PANIC:\s+(?P<words>.*No space left on device)")
LANDING_SECONDS, BACK_SECONDS = 15.0, 20.0
"""Until a server notices that it has no room, and until one that has some is well again: it reads its log first."""


class Uploading:
    """A client that sends files before, while and after, and looks in the end for those that were confirmed."""

    def __init__(self, ward: Ward) -> None:
        self._ward = ward
        self._visitor = Visitor(ward.witness.caller)
        self._sent: list[tuple[Upload, str, str]] = []

    def sends(self, stage: str) -> None:
        """So many files were sent, each confirmed or not."""
        for _ in range(FILES):
            content = random.SystemRandom().randbytes(FILE_BYTES)
            headers = (("Content-Type", "application/octet-stream"),)
            at = self._ward.recorder.now
            told = self._visitor.ask("POST", self._ward.witness.caller.uploads, headers=headers, body=content)
            upload = Upload(at=at, stage=stage, status=told.status, trouble=told.trouble)
            number = str(object_of(told).get("id", ""))
            self._sent.append((upload, number, hashlib.sha256(content).hexdigest()))

    def told(self) -> tuple[Upload, ...]:
        """All that was sent, and what became of it."""
        found = tuple(
            replace(upload, kept=self._is_there(number, digest)) if _good(upload.status) else upload
            for upload, number, digest in self._sent
        )
        self._visitor.close()
        return found

    def _is_there(self, number: str, digest: str) -> bool:
        """Whether it is there as it was sent; a server that cannot say is asked again for a while."""
        told: list[HttpExchange] = []

        def knows() -> bool:
            told.append(self._visitor.ask("GET", f"{self._ward.witness.caller.uploads}/{number}"))
            return told[-1].status is not None and told[-1].status < SERVERS_FAULT

        with suppress(NotReady):
            wait_until(knows, timeout=BACK_SECONDS, what="an answer about a file")
        return told[-1].status == OK and hashlib.sha256(told[-1].body).hexdigest() == digest


def _good(status: int | None) -> bool:
    return status is not None and 200 <= status < 300  # noqa: PLR2004 - RFC 9110, 15.3


@contextmanager
def uploads_full(ward: Ward, client: Uploading) -> Iterator[str]:
    """The disk of uploads is full, and a client sends files before, meanwhile, and once there is room again."""
    client.sends(BEFORE)
    ward.recorder.act("the disk of uploads is filled")
    with _filled(ward.stack.uploads) as size:
        client.sends(MEANWHILE)
        yield f"{size >> 20} MB of ballast, and no byte more: {os.strerror(errno.ENOSPC)}"
    client.sends(AFTER)


def moved_to_small_disk(ward: Ward) -> None:
    """The database's files, whose server does not run, are on a disk of their own. Raises OutOfReach."""
    data = _data_of(ward)
    before = data.with_name("data.before")
    data.rename(before)
    try:
        small_disk(data, size=DATABASE_BYTES)
    except BaseException:
        with suppress(OSError):
            data.rmdir()
        before.rename(data)
        raise
    shutil.copystat(before, data)
    for path in (before, *before.rglob("*")):
        there = data / path.relative_to(before)
        if path.is_dir():
            there.mkdir(exist_ok=True)
        elif path.is_file():
            shutil.copyfile(path, there)
        stat = path.stat()
        os.chown(there, stat.st_uid, stat.st_gid)
        there.chmod(stat.st_mode)


@contextmanager
def database_full(ward: Ward) -> Iterator[str]:
    """The disk of the database is full while clients write, and its log needs room; afterwards there is some."""
    role = ward.database
    ward.recorder.act(f"the disk of {role} is filled", destructive=True)
    try:
        with _filled(_data_of(ward)) as size:
            with suppress(CouldNotLook), connected(ward.stack, ward.deployment, role=role) as sql:
                for _ in range(MOST_LOGGED):
                    sql.run(LOGGED)
            ward.await_landing(
                lambda: bool(_panic(ward)), f"{role} that has no room for its log", seconds=LANDING_SECONDS
            )
            yield f"{size >> 20} MB of ballast, and {role} says: {_panic(ward)}"
    finally:
        if ward.restarts(role):
            _comes_back(ward)


def _panic(ward: Ward) -> str:
    """The server's last words before it ends; "" where it said none."""
    text = (ward.stack.logs / f"{ward.database}.log").read_text(encoding="utf-8", errors="replace")
    return next((f"PANIC: {found['words']}" for found in PANIC.finditer(text)), "")


def _comes_back(ward: Ward) -> None:
    """The server is well, started again whenever it ends: it may do so once more before it notices that it has room."""

    def well_or_started() -> bool:
        if well(ward, ward.database):
            return True
        ward.stack.revive(ward.database)
        return False

    with suppress(NotReady):  # then clients tell
        wait_until(well_or_started, timeout=BACK_SECONDS, what=f"{ward.database} with room")


def _data_of(ward: Ward) -> Path:
    return Path(ward.stack.place(ward.database, DATA["postgres"]))


@contextmanager
def _filled(folder: Path) -> Iterator[int]:
    """While inside nothing more can be written on that folder's disk; how many bytes it took."""
    ballast, size = folder / BALLAST, 0
    try:
        with ballast.open("wb", buffering=0) as file:
            piece = PIECE
            while piece:
                try:
                    os.posix_fallocate(file.fileno(), size, piece)
                    size += piece
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    piece //= 2
        yield size
    finally:
        ballast.unlink(missing_ok=True)
