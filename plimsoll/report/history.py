"""The history of drills beside the reports: lines are only ever added, by however many runs at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from plimsoll.errors import PlimsollError
from plimsoll.observations.drills import Rehearsal
from plimsoll.observations.drills.history import FILE
from plimsoll.packed import washed_record
from plimsoll.redact import Redactor
from plimsoll.report.folder import ROOM, hint


def add(reports: Path, rehearsals: Iterable[Rehearsal], *, redact: Redactor) -> None:
    """The rehearsals are lines of the history in that folder, all of them or none. Raises PlimsollError.

    The lock is for whoever adds at the same time; one write is for whoever reads meanwhile. A line that somebody did
    not finish (killed, disk full) is ended first, so that it spoils no other.
    """
    text = "".join(washed_record(each, redact).line() for each in rehearsals)
    if not text:
        return
    path = reports / FILE
    try:
        reports.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = file.seek(0, os.SEEK_END)
            torn = end > 0 and os.pread(file.fileno(), 1, end - 1) != b"\n"
            whole = (b"\n" if torn else b"") + text.encode()
            if file.write(whole) != len(whole):
                file.truncate(end)
                raise PlimsollError(f"{path} has no room for another line", hint=ROOM)
    except OSError as error:
        raise PlimsollError(f"{path} cannot be written: {error.strerror}", hint=hint(error)) from error
