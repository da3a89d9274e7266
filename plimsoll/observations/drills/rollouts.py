"""What clients noticed while another release of the application came to them, or was taken from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll.observations.drills.recovered import Drilled
from plimsoll.observations.drills.witness import Loss, Read, Testimony, Write

REFUSED, KILLED, SHARED, KEPT, CLOSED = "refused", "killed", "shared", "kept", "closed"
"""What is meant to become of a change: that it ends with an error and clients have what they had, that it is killed
before its end, that only some clients get another release by it, that clients keep the one they have although it is
about another, or that nobody is served until the next change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One command that was to change what clients get, from `began` to `ended` on the drill's clock.

    `wanted` is the release that it was about. `before` and `after` are those that clients got, as the application told
    them; `runs` maps slots to what runs there afterwards. `settled` is the moment at which clients got nothing but one
    release, and all their requests were answered, again; `trouble` says why it could not be tried. `meant` is
    what should become of it: "" where it should go through, or one of the above.
    """

    name: str
    command: str
    code: int | None
    output: str = ""
    began: float
    ended: float
    settled: float = 0.0
    wanted: str = ""
    before: str = ""
    after: str = ""
    runs: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    meant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was done on one of the machines that run an application, at that moment of the drill.

    `what` is install, build, or what PM2 was told; `others` are the machines that were in use beside it, `serving`
    those of them that were well just before PM2 was told anything.
    """

    server: str
    what: str
    at: float
    release: str = ""
    others: tuple[str, ...] = ()
    serving: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled(Drilled):
    """Changes of the release that clients get, one after the other, while they write and read through the edge.

    `loss` is what became of their rows in the end, `doubled` rows that are there twice. `control` are the requests that
    failed when the application was killed on purpose, from its moment on: without any, nobody would have noticed.
    `steps` are what was done on each machine where releases are not slots of one.
    """

    changes: tuple[Change, ...] = ()
    testimony: Testimony = field(default_factory=Testimony)
    loss: Loss | None = None
    doubled: tuple[int, ...] = ()
    control_at: float = 0.0
    control: int = 0
    steps: tuple[Step, ...] = ()

    def of(self, name: str) -> Change | None:
        """The change of that name."""
        return next((change for change in self.changes if change.name == name), None)

    def failed(self, change: Change) -> tuple[Read | Write, ...]:
        """The requests that failed from the beginning of a change until everything was well again."""
        return self.testimony.failed(change.began, max(change.settled, change.ended))

    def asked(self, change: Change) -> int:
        """The requests from the beginning of a change until everything was well again."""
        return self.testimony.asked(change.began, max(change.settled, change.ended))

    def silence(self, change: Change) -> float:
        """The longest time without a good answer, in seconds, from the beginning of a change until all was well."""
        return self.testimony.silence(change.began, max(change.settled, change.ended))

    def versions(self, change: Change) -> Mapping[str, int]:
        """How many answers came from which release in that time."""
        end = max(change.settled, change.ended)
        found: dict[str, int] = {}
        told = [(write.sent, write.version) for write in self.testimony.writes]
        told += [(read.at, read.version) for read in self.testimony.reads]
        for at, version in told:
            if version and change.began <= at <= end:
                found[version] = found.get(version, 0) + 1
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Rolled):
    """A good release that came to clients, and was taken back; and what was to be refused then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadReleases(Rolled):
    """Releases that are no good, each in its own way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary(Rolled):
    """A release that a share of the clients got, then all of them; and one that is no good, which was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptedRelease(Rolled):
    """Releases whose script was killed half-way, and the changes after that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedServer(Rolled):
    """A server that joined those which clients get, and some that were to be refused.

    `server` is its name; `served` are the requests that each server answered in the same time afterwards.
    """

    server: str = ""
    served: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a client was told of one row that it wrote, read or changed; `name` says with which release."""

    name: str
    place: str
    good: bool
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossMigration(Rolled):
    """A release that migrated the database, its rows under the one before, and its return.

    `fields` are the columns that the migration added and the new release writes; the one before knows nothing of them.
    """

    rows: tuple[Row, ...] = ()
    fields: tuple[str, ...] = ()

    def spoilt(self, *names: str) -> tuple[Row, ...]:
        """The rows of these steps that were not as they should be."""
        return tuple(row for row in self.rows if row.name in names and not row.good)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What somebody got who asked during maintenance. `own` is a page of the deployment's, not the server's own."""

    asked: str
    status: int | None
    retry_after: str = ""
    own: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance(Rolled):
    """A maintenance page that was put up and taken away. `health` is what the operator got who asked for health."""

    pages: tuple[Page, ...] = ()
    health: tuple[Page, ...] = ()
