"""What is known of a recovery while it goes on, told as an observation in the end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from plimsoll.drills.clients.witness import Witness
from plimsoll.drills.recorder import Recorder
from plimsoll.drills.stage.rehearsal import Rehearsal, works_again
from plimsoll.errors import PlimsollError
from plimsoll.observations.drills import Census, Difference, Loss, Recovered, Testimony, differences

Kind = TypeVar("Kind", bound=Recovered)


@dataclass(slots=True)
class Story:
    """Fills itself as a drill goes on; `told` makes an observation of it, however far the drill came."""

    recorder: Recorder
    before: Census = field(default_factory=Census)
    backup_at: float = 0.0
    backed_up_at: float = 0.0
    disaster: float = 0.0
    backup: str = ""
    backup_bytes: int = 0
    points: list[tuple[int, float]] = field(default_factory=list)
    fastest: dict[str, float] = field(default_factory=dict)
    loss: Loss | None = None
    changed: tuple[Difference, ...] = ()
    lagging: tuple[str, ...] = ()
    healthy: bool = False
    writes_again: bool = False
    trouble: str = ""

    def takes(self, *steps: Callable[[], None]) -> None:
        """Every step, one after the other: whatever fails, the rest is worth a look."""
        for step in steps:
            try:
                step()
            except PlimsollError as error:
                self.failed(self.trouble or error.fact)

    def took(self, backup: Path) -> Path:
        """The backup that is going to be restored."""
        self.backup = backup.name
        files = [backup] if backup.is_file() else [file for file in backup.rglob("*") if file.is_file()]
        self.backup_bytes = sum(file.stat().st_size for file in files)
        return backup

    def compared(
        self,
        rehearsal: Rehearsal,
        witness: Witness,
        *,
        but: Collection[str] = (),
        files: Mapping[str, str] | None = None,
    ) -> None:
        """What came back, beside what there was but for some things, and whether the application works with it.

        `files` are those that count, where it is not the uploads.
        """
        witness.settle()
        after = rehearsal.counted()
        after = after if files is None else replace(after, files=files)
        self.changed, self.lagging = differences(self.before, after, but=but), after.lagging
        self.loss = witness.testimony.loss(rehearsal.rows(), disaster=self.disaster)
        self.writes_again = self.healthy and works_again(rehearsal, witness)

    def failed(self, fact: str) -> None:
        """The drill goes no further, and why."""
        self.trouble = fact
        self.recorder.note(fact)

    def told(self, kind: type[Kind], testimony: Testimony, **more: object) -> Kind:
        """The observation; `more` is what that kind alone has."""
        return kind(
            journal=self.recorder.journal(trouble=self.trouble),
            seen_at=datetime.now(UTC),
            trouble=self.trouble,
            disaster=self.disaster,
            backup_at=self.backup_at,
            backed_up_at=self.backed_up_at,
            testimony=testimony,
            loss=self.loss,
            before=self.before,
            changed=self.changed,
            lagging=self.lagging,
            healthy=self.healthy,
            writes_again=self.writes_again,
            backup=self.backup,
            backup_bytes=self.backup_bytes,
            points=tuple(self.points),
            fastest=self.fastest,
            **more,
        )
