"""Which ports of a host can be reached from where, and which ones its files open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

OPEN, REFUSED, SILENT = "open", "refused", "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One line of a file, without its comment."""

    file: str
    line: int
    text: str

    @property
    def where(self) -> str:
        """File, line and text, for messages."""
        return f"{self.file}:{self.line} `{self.text}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One port that a compose file publishes: `address` is the host's it is bound to, "" for any of them."""

    service: str
    port: int
    inside: int
    file: str
    line: int
    address: str = ""
    protocol: str = "tcp"

    @property
    def local(self) -> bool:
        """Whether only the host itself reaches it."""
        return self.address.startswith("127.") or self.address == "::1"

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPorts:
    """What the deployment's compose file publishes, beside the ports that each zone may reach (`zones`)."""

    files: tuple[str, ...]
    ports: tuple[Published, ...]
    zones: Mapping[str, tuple[int, ...]]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many compose files were read: that one publishes nothing is something seen."""
        return len(self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What became of connections from a zone to one port of the host.

    `state` is open, refused (a reset, or an ICMP error), silent (dropped) or unreachable. `control` tells that a
    connection that ought to come through did: only then silence means something. `by` says who answered: a program of
    the host, or a container that the port is passed on to. `listens` is whether anybody listens there, None if unknown.
    """

    zone: str
    family: str
    address: str
    port: int
    state: str
    control: bool
    by: str = ""
    listens: bool | None = None

    @property
    def where(self) -> str:
        """The connection in a few words, for evidence."""
        by = " by a container" if self.by == "container" else ""
        return f"{self.zone} -> {self.port} over {self.family}: {self.state}{by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """Which ports of a host can be reached from which zones, and what the host's own files and programs say of it.

    `zones` maps a zone to the ports it may reach by the deployment, `unnamed` are ports that nobody named, tried to see
    what happens by default. `outgoing` are the host's own connections to the zones. `refusal` is why the firewall did
    not come up, `status` its own account, `rules` the lines it is made of. `stands` is the
    only zone that was tried from, "" where all were.
    """

    rows: tuple[Reached, ...]
    zones: Mapping[str, tuple[int, ...]]
    unnamed: tuple[int, ...]
    seen_at: datetime
    outgoing: tuple[Reached, ...] = ()
    published: tuple[Published, ...] = ()
    rules: tuple[FileLine, ...] = ()
    refusal: str = ""
    status: str = ""
    stands: str = ""
    trouble: str = ""

    @property
    def amount(self) -> int:
        """How many connections were tried that mean something."""
        return sum(row.control for row in self.rows) or int(bool(self.refusal))

    def of(self, zone: str, *ports: int) -> Iterator[Reached]:
        """The connections from one zone, to these ports if any are named."""
        return (row for row in self.rows if row.zone == zone and (not ports or row.port in ports))
