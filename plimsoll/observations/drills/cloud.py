"""What a runbook's commands ask of a cloud, and what is there afterwards, as a stand-in of the cloud has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll.model import Spot
from plimsoll.observations.drills.recovered import Drilled


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call of the cloud's API as it was sent: `parameters` by the API's names, lists joined by commas."""

    action: str
    region: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One command of the runbook: how it ended, and what it asked for. `name` is its act, and how it was tried."""

    name: str
    command: str
    code: int
    output: str = ""
    asked: tuple[Asked, ...] = ()

    def last(self, action: str) -> Asked | None:
        """The last call of that action."""
        return next((each for each in reversed(self.asked) if each.action == action), None)

    @property
    def words(self) -> str:
        """Its last words."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that Terraform says of the database, by the API's name for it, and where."""

    name: str
    value: str
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """What Terraform puts into a region for a database to stand in: a group of subnets, of parameters, or a door.

    `kind` is the parameter that names it. `facts` are a parameter group's settings; `ports` those that a door opens.
    """

    kind: str
    name: str
    region: str
    spot: Spot
    facts: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One snapshot that somebody took, in one region. `key` is what it is encrypted with, "" for nothing."""

    name: str
    region: str
    instance: str
    status: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a zone."""

    name: str
    type: str
    ttl: int = 0
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.ttl} {self.type} {', '.join(self.values)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One command line that a stand-in was called with, the folder it was called in, and how it answered."""

    words: tuple[str, ...]
    folder: str
    code: int = 0

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRecovery(Drilled):
    """The managed database from a snapshot in another region, the application from code, users led there.

    All of it is configuration: a stand-in keeps what it is told and answers at once; no data was copied, nothing failed
    over, nobody waited. `instance` is production's database in the region `home`, `facts` what Terraform says of it,
    `fixtures` what it puts into both regions, `second` the other one; `doors` are security groups by their ids, `names`
    the records that Terraform makes elsewhere. `taken` are the snapshots before the disaster, `restored` what the
    stand-in says of what came back; `before` and `after` are the zone's records, `deployed` what a stand-in for
    Terraform was asked.
    """

    instance: str = ""
    home: str = ""
    second: str = ""
    facts: tuple[Fact, ...] = ()
    fixtures: tuple[Fixture, ...] = ()
    doors: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    taken: tuple[Snapshot, ...] = ()
    deeds: tuple[Deed, ...] = ()
    restored: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Record, ...] = ()
    after: tuple[Record, ...] = ()
    deployed: tuple[Typed, ...] = ()

    def deed(self, name: str) -> Deed | None:
        """What was done under that name."""
        return next((deed for deed in self.deeds if deed.name == name), None)
