"""Tries one thing after the other on a stack, and compares what there is after each with what there was before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from plimsoll.drills.host.commands import Done
from plimsoll.drills.stage.rehearsal import Rehearsal
from plimsoll.errors import PlimsollError
from plimsoll.observations.drills import Attempt, Census, Difference, Troubles, differences
from plimsoll.observations.drills.troubles import CONTROL
from plimsoll.wait import pause

Kind = TypeVar("Kind", bound=Troubles)

STAMP_SECONDS = 1.05
"""Backups are named after the second in which they are made; a little longer than one."""


class NotLanded(PlimsollError):
    """A fault that was not there when the command ran: what the command did shows nothing."""


class Attempting:
    """All that is tried in one drill. `look` tells what there is that must not change.

    What is new after an attempt is a change as well, unless its kind is in `leaves`: then it is what the attempt left.
    After one that changed something `mend` is called, so that the next one finds something to harm as well.
    """

    def __init__(self, rehearsal: Rehearsal, look: Callable[[], Census], *, leaves: str = "") -> None:
        self.rehearsal = rehearsal
        self.mend: Callable[[], object] = lambda: None
        self.untried: dict[str, str] = {}
        self._look = look
        self._leaves = leaves
        self._attempts: list[Attempt] = []
        self._now: Census | None = None

    def tries(self, name: str, act: Callable[[], tuple[Done, str]], *, leaves: str = "") -> Attempt:
        """One thing is tried: `act` says how the command ended, and by what it is known that the fault was there.

        `leaves` is a kind of things that it may leave.
        """
        rehearsal, recorder = self.rehearsal, self.rehearsal.recorder
        before = self._look() if self._now is None else self._now
        letters = len(rehearsal.post.letters)
        recorder.mark(f"attempt: {name}")
        done, landed, trouble = Done(command="", code=0, output="", seconds=0.0), "", ""
        try:
            with nullcontext() if name == CONTROL else recorder.trying():
                done, landed = act()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(f"{name} could not be tried: {trouble}")
        self._now = self._look()
        found = differences(before, self._now)
        kind = leaves or self._leaves
        new = [each for each in found if kind and not each.before and each.what.startswith(f"{kind} ")]
        attempt = Attempt(
            name=name,
            command=done.command,
            code=done.code,
            output=done.output,
            landed=landed,
            changed=tuple(each for each in found if each not in new),
            left=tuple(_name(each) for each in new),
            told=rehearsal.post.since(letters),
            seconds=done.seconds,
            trouble=trouble,
        )
        self._attempts.append(attempt)
        if attempt.changed:
            next_second()
            self.mend()
            self.moved_on()
        if new or attempt.changed:
            next_second()  # backups are named by their second: what this attempt left must not be in the next one's way
        return attempt

    def works(self, act: Callable[[], Done], *, leaves: str = "") -> bool:
        """The control: the same without any fault. Whether it worked."""
        return self.tries(CONTROL, lambda: (act(), "nothing befalls it"), leaves=leaves).code == 0

    def moved_on(self) -> None:
        """What was done meanwhile to make the next attempt possible is no change of it."""
        self._now = None

    def told(self, kind: type[Kind], **more: object) -> Kind:
        """The observation of all that was tried."""
        recorder = self.rehearsal.recorder
        return kind(
            attempts=tuple(self._attempts),
            journal=recorder.journal(),
            seen_at=datetime.now(UTC),
            untried=self.untried,
            **more,  # type: ignore[arg-type] # fields of that kind alone
        )


def files_in(paths: Iterable[Path], shown: Callable[[Path], str]) -> dict[str, str]:
    """These files, and every file in these folders, by their names at the host: what each is, and since when."""
    return {
        shown(file): _fingerprint(file)
        for path in paths
        for file in ([path] if path.is_file() else sorted(path.rglob("*")))
        if file.is_file()
    }


def _fingerprint(file: Path) -> str:
    told, digest = file.stat(), hashlib.sha256(file.read_bytes()).hexdigest()
    return f"{told.st_size} bytes, {digest[:12]}, written {datetime.fromtimestamp(told.st_mtime, UTC):%H:%M:%S.%f}"


def next_second() -> None:
    """The next backup has another name than the last one."""
    pause(STAMP_SECONDS)


def _name(difference: Difference) -> str:
    return difference.what.partition(" ")[2]
