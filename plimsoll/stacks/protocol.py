"""What every stack offers: endpoints by role, and a few small optional capabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from plimsoll.errors import OutOfReach

if TYPE_CHECKING:
    from plimsoll.stacks.ground.ground import Ground

HTTP = 80
HTTPS = 443


EVERY_METHOD = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""What may be asked of a stack we started."""

Addresses = Mapping[str, Sequence[Mapping[int, tuple[str, int]]]]
"""By role, for every replica: the port inside and the address it has here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One place to ask. `host` and `port` are what the deployment says; `address` is where it really listens.

    The role is a service's; an edge's plain port beside its TLS port has edge-plain. `scheme` tells the protocol:
    https, http, postgresql, redis or rediss. `authority` is the PEM file to trust where TLS is spoken, None the
    system's.
    """

    role: str
    scheme: str
    host: str
    port: int
    address: tuple[str, int]
    authority: Path | None = None

    def url(self, path: str = "/") -> str:
        """The URL as a client of the deployment writes it."""
        default = {"http": 80, "https": 443}.get(self.scheme)
        suffix = "" if self.port == default else f":{self.port}"
        return f"{self.scheme}://{self.host}{suffix}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What one command said. `code` is its exit status."""

    code: int
    output: str


class Stack(Protocol):
    """A deployment running. Entered, it is ready; left, nothing of it remains unless it was asked to be kept.

    `methods` are those it may be asked with, `provides` the surroundings it has (cdn, cluster), `intrusive` whether it
    may be asked more than a polite client asks, `images` what really runs by role, `artefacts` the folder of its files.
    """

    kind: str
    endpoints: tuple[Endpoint, ...]
    methods: frozenset[str]
    provides: frozenset[str]
    intrusive: bool
    images: Mapping[str, str]
    artefacts: Path

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no report may show; none before the stack has made any, also if it never came up."""

    def __enter__(self) -> Self:
        """The stack, ready."""

    def __exit__(self, *exception: object) -> None:
        """The stack is gone."""


@runtime_checkable
class Interruptible(Protocol):
    """A stack whose services may be taken away for a moment."""

    def interrupted(self, role: str, *, replica: int = 0) -> AbstractContextManager[None]:
        """While inside, that replica (from 1; 0: every one) of the role is down; afterwards it serves again."""


@runtime_checkable
class Reconfigurable(Protocol):
    """A stack whose artefacts can be exchanged while it runs."""

    def reconfigure(self, artefacts: Path, settings: Mapping[str, str]) -> None:
        """The stack runs with the artefacts in that folder, confirmed, is ready, and counts its clients' quotas anew.

        Raises NotTaken with the service's words when a service refuses its file: as in production, it then goes on with
        what it had, and `artefacts` holds what it refused. Raises StackFailed when the stack did not become ready.
        """


@runtime_checkable
class Commands(Protocol):
    """A stack that can run a program where a service runs."""

    def run(self, role: str, command: Sequence[str]) -> CommandResult:
        """What the program said, run beside the role's service with its files in place."""


@runtime_checkable
class Contained(Protocol):
    """A stack whose services run in containers that the engine can be asked about."""

    def containers(self) -> Mapping[str, Sequence[str]]:
        """By role, what the engine calls the containers of its replicas."""


@runtime_checkable
class FreshClients(Protocol):
    """A stack that can be reached from several client addresses, so that one client's limit is not another's."""

    def client_address(self) -> str:
        """A source address no one has used on this stack yet."""


@runtime_checkable
class Accounts(Protocol):
    """A stack whose application has a user that we may be."""

    @property
    def account(self) -> tuple[str, str]:
        """The user's address and password."""


@runtime_checkable
class Credentials(Protocol):
    """A stack that knows who its data services let in."""

    def credentials(self, role: str) -> tuple[str, str]:
        """The user (for Redis: "") and the password of a data service. Raises OutOfReach for any other."""


@runtime_checkable
class Signing(Protocol):
    """A stack that holds the key its application signs tokens with: forgeries can be made that lack one thing each."""

    @property
    def signing_key(self) -> Path:
        """The private key, PEM (PKCS #8)."""


@runtime_checkable
class Grounded(Protocol):
    """A stack that can put up the deployment's host, with its firewall and its SSH server, among its zones."""

    def ground(self) -> Ground:
        """The ground, started when first asked for. Raises OutOfReach naming what it takes, where it cannot be."""


@runtime_checkable
class Logging(Protocol):
    """A stack that knows what its services said."""

    @property
    def logs(self) -> Path:
        """The folder with one log for every service, as far as they have said something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """How a program runs where a service runs: words that come before its own, and the variables it has there.

    A program that is run so has the service's own files, its data, and its standard input and output. `ports` are the
    service's own as such a program reaches them at 127.0.0.1, where they are others than the deployment says.
    """

    words: tuple[str, ...]
    environment: Mapping[str, str]
    ports: Mapping[int, int] = field(default_factory=dict)


@runtime_checkable
class Hosting(Protocol):
    """A stack that does for its services what a host's operator does: only those that we started are Hosting."""

    def inside(self, role: str) -> Inside:
        """How programs run where the role's first replica runs, also while the service itself is halted."""

    def place(self, role: str, path: str) -> str:
        """Where a path in the role's own machine is, for a program that is run inside it."""

    def reached(self, role: str, port: int) -> tuple[str, int]:
        """Where that port of a role is for other services of the stack."""

    def halt(self, role: str) -> None:
        """Every replica of the role is stopped in good order (SIGTERM), and its data is kept."""

    def kill(self, role: str, *, replica: int = 0) -> None:
        """That replica (from 1; 0: every one) is dead at once, as by SIGKILL, and its data is what it left."""

    def resume(self, role: str) -> None:
        """Every replica of the role runs again and is ready; the edge has forgotten that it was away."""

    def revive(self, role: str) -> None:
        """Every replica of the role is started again, as by its engine: nobody waits for it, nor tells the edge."""

    def freeze(self, role: str, *, replica: int = 0) -> None:
        """That replica (from 1; 0: every one) stands still: it accepts connections, and answers nothing."""

    def thaw(self, role: str) -> None:
        """Every replica of the role goes on where it stood still."""

    def lose(self, role: str) -> None:
        """The role's service and all its data are gone, as with its disk; a resume begins with nothing in it."""

    def remake(self, role: str) -> None:
        """The role runs in a new machine with the data of the old one: what is not on a volume is lost."""

    def release(self, role: str, variables: Mapping[str, str], *, replica: int = 0) -> None:
        """That replica (from 1; 0: every one) of the role is started anew, with these variables beside its own.

        It may not be ready yet. One alone can be started anew where each is a process of its own.
        """

    def reread(self, role: str, folder: Path, *, test: bool = False) -> CommandResult:
        """What an edge's server said of its files as they are in that folder: it serves by them, unless in a `test`.

        Those that it refuses change nothing of how it serves.
        """

    def certify(self, role: str, *, days: int) -> None:
        """An edge serves a fresh certificate that ends in so many days, or has ended so many ago; it was told to."""

    @property
    def uploads(self) -> Path:
        """The folder here in which the application keeps uploads."""

    @property
    def clock(self) -> Path:
        """The file here by which the application's first replica has a clock of its own, if there is one."""

    @property
    def medium(self) -> str:
        """What the data lies on: tmpfs, ext4 …, and whether writes wait for it."""


@runtime_checkable
class Roads(Protocol):
    """A stack whose services are so far apart that what is between two of them can be worsened.

    Each lasts while inside, and says by what it is there; StackFailed is raised where it cannot be had.
    """

    def parted(self, role: str, client: str) -> AbstractContextManager[str]:
        """No packet passes between the role and its client."""

    def slowed(self, role: str, client: str) -> AbstractContextManager[str]:
        """Packets between the role and its client are late, or lost."""

    def nameless(self, role: str) -> AbstractContextManager[str]:
        """The role's replicas ask in vain for the address of any name."""


class Restorable(Protocol):
    """Data that can be put back to what it was, until the context is left."""

    def __enter__(self) -> Self:
        """The snapshot, ready."""

    def __exit__(self, *exception: object) -> None:
        """The copies are given up."""

    def restore(self) -> None:
        """The data is what it was when the snapshot was taken."""


@runtime_checkable
class Snapshots(Protocol):
    """A stack whose data can be put back between two tests without starting anything again."""

    def snapshot(self) -> Restorable:
        """The data as it is now."""


def endpoints_of(stack: Stack, role: str) -> tuple[Endpoint, ...]:
    """Every endpoint of one role; raises OutOfReach when this stack shows none."""
    found = tuple(e for e in stack.endpoints if e.role == role)
    if not found:
        raise OutOfReach(f"this {stack.kind} stack shows no {role} endpoint")
    return found


def endpoint_of(stack: Stack, role: str) -> Endpoint:
    """The first endpoint of one role; raises OutOfReach when this stack shows none."""
    return endpoints_of(stack, role)[0]
