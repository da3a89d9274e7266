"""The journal of one drill: what was done when, in which phase, and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

DETECT, FETCH, RESTORE, REPLAY, START, VERIFY = "detect", "fetch", "restore", "replay", "start", "verify"
FENCE, PROMOTE = "fence", "promote"
"""The phases that the time of a recovery is made of, in their order."""

OF_RECOVERY = (DETECT, FENCE, PROMOTE, FETCH, RESTORE, REPLAY, START, VERIFY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of a drill. Times are seconds on the drill's own clock, which begins at 0."""

    name: str
    started: float
    finished: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.finished - self.started


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a journal: what was done or seen at a moment of the drill's clock.

    `kind` is command (with its exit code and what it said), act (something done to the stack), mark (something that
    was written down to be found again) or note. A destructive one is written before it is done. A command that is
    `tried` has something wrong on purpose: it is for promises to judge how it ended.
    """

    at: float
    kind: str
    what: str
    destructive: bool = False
    code: int | None = None
    output: str = ""
    seconds: float = 0.0
    tried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One drill from beginning to end. `medium` is what the data lay on, as it decides how fast everything is."""

    drill: str
    says: str
    started: datetime
    phases: tuple[Phase, ...] = ()
    entries: tuple[Entry, ...] = ()
    medium: str = ""
    data_bytes: int = 0
    trouble: str = ""

    def phase(self, name: str) -> Phase | None:
        """The first phase of that name."""
        return next((phase for phase in self.phases if phase.name == name), None)

    @property
    def recovery(self) -> tuple[Phase, ...]:
        """The phases that the time of the recovery is made of."""
        return tuple(phase for phase in self.phases if phase.name in OF_RECOVERY)

    @property
    def commands(self) -> tuple[Entry, ...]:
        """The commands that were run."""
        return tuple(entry for entry in self.entries if entry.kind == "command")

    @property
    def failed(self) -> Entry | None:
        """The first command that did not end well, although nothing was wrong on purpose."""
        return next((entry for entry in self.commands if entry.code and not entry.tried), None)
