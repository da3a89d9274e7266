"""The journal of a drill while it is being written: on the disk line by line, so that a killed drill leaves it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from plimsoll.observations.drills import Entry, Journal, Phase
from plimsoll.wait import SYSTEM_CLOCK

ACT, COMMAND, MARK, NOTE = "act", "command", "mark", "note"


class Recorder:
    """Writes one drill's journal. Its clock begins at 0 when it is made; `file` gets a line of JSON for each entry.

    `redact` takes secrets out of what is written to the disk.
    """

    def __init__(
        self, drill: str, says: str, *, file: Path, medium: str = "", redact: Callable[[str], str] = str
    ) -> None:
        self.drill = drill
        self.says = says
        self.medium = medium
        self.data_bytes = 0
        self.started = datetime.now(UTC)
        self._zero = SYSTEM_CLOCK.monotonic()
        self._phases: list[Phase] = []
        self._entries: list[Entry] = []
        self._trying = False
        self._file = file
        self._redact = redact
        file.parent.mkdir(parents=True, exist_ok=True)
        self._append({"drill": drill, "says": says, "started": self.started.isoformat()})

    @property
    def now(self) -> float:
        """Seconds on the drill's clock."""
        return SYSTEM_CLOCK.monotonic() - self._zero

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """What happens inside belongs to that phase."""
        started = self.now
        try:
            yield
        finally:
            self.between(name, started, self.now)

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Commands that end inside are tried with something wrong on purpose."""
        self._trying = True
        try:
            yield
        finally:
            self._trying = False

    def between(self, name: str, started: float, finished: float) -> None:
        """That phase was between these moments."""
        phase = Phase(name=name, started=started, finished=finished)
        self._phases.append(phase)
        self._append({"phase": asdict(phase)})

    def act(self, what: str, *, destructive: bool = False) -> None:
        """Something is about to be done to the stack."""
        self.add(Entry(at=self.now, kind=ACT, what=what, destructive=destructive))

    def mark(self, what: str) -> None:
        """Something was written down to be found again."""
        self.add(Entry(at=self.now, kind=MARK, what=what))

    def note(self, what: str) -> None:
        """Something that a reader should know."""
        self.add(Entry(at=self.now, kind=NOTE, what=what))

    def add(self, entry: Entry) -> None:
        """The entry is in the journal, and on the disk."""
        entry = replace(entry, tried=self._trying and entry.kind == COMMAND)
        self._entries.append(entry)
        self._append({"entry": asdict(entry)})

    def journal(self, *, trouble: str = "") -> Journal:
        """The journal as it is now."""
        return Journal(
            drill=self.drill,
            says=self.says,
            started=self.started,
            phases=tuple(sorted(self._phases, key=lambda phase: phase.started)),
            entries=tuple(self._entries),
            medium=self.medium,
            data_bytes=self.data_bytes,
            trouble=trouble,
        )

    def _append(self, line: object) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(self._redact(json.dumps(line)) + "\n")
