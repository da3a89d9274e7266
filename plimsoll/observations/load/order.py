"""What the generator of a load is told: whom to ask, as whom, what, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.model.load import Plan
from plimsoll.model.workload import Workload

PATIENCE = 10.0
"""Seconds that a request may take before it counts as timed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where requests go: `host` and `port` are those of the URL, `address` is where that is reached.

    `authority` is PEM to trust, "" for the system's. `clients` are the loopback addresses that requests come from, as
    from so many clients; 0 leaves that to the kernel.
    """

    scheme: str
    host: str
    port: int
    address: tuple[str, int]
    authority: str = ""
    clients: int = 0

    @property
    def named(self) -> str:
        """The host as it stands in a Host header (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}.get(self.scheme) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.named}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run of load. `account` is who logs in at the path `login`: an address and a password, nobody without it.

    `patience` are the seconds that a request may take; `first` is the {number} of the first journey.
    """

    deployment: str
    target: Target
    workload: Workload
    plan: Plan
    account: tuple[str, ...] = ()
    login: str = ""
    patience: float = PATIENCE
    first: int = 1
