"""What is known of earlier drills, from the folder of reports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from plimsoll.errors import CouldNotLook
from plimsoll.observations.drills.history import FILE, History, of_lines


def history(reports: Path, deployment: str) -> History:
    """The rehearsals of one deployment, oldest first. Raises CouldNotLook for a file that cannot be read at all.

    Lines that are not a rehearsal's are told, and spoil no other. Without the file nothing is known.
    """
    path = reports / FILE
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise CouldNotLook(f"{path} cannot be read: {error.strerror}", hint="who may read the reports?") from error
    read, unread = of_lines(text.split("\n"), deployment)
    told = "; ".join(f"{path.name}:{number} {why}" for number, why in unread)
    told = told if read else "; ".join(filter(None, (f"no earlier drill of {deployment} is known", told)))
    return History(rehearsals=tuple(read), seen_at=datetime.now(UTC), unread=tuple(unread), trouble=told)
