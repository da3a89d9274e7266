"""What TLS handshakes showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """One TLS handshake offered with one protocol version (and one suite, where `suite` was set).

    `outcome` is accepted, refused (the server answered with an alert or closed), or unmeasured (we could not offer it).
    """

    version: str
    outcome: str
    suite: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The leaf certificate a server presented. `key` reads like "RSA 2048" or "EC secp256r1"."""

    names: tuple[str, ...]
    issuer: str
    not_before: datetime
    not_after: datetime
    key: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSurvey:
    """What one endpoint negotiates.

    `chain_trouble` maps a host to why its chain or name did not verify, or to ""; unanswered hosts are not in it.
    """

    host: str
    versions: tuple[Handshake, ...]
    suites: tuple[Handshake, ...]
    alpn: tuple[str, ...]
    http2_preface: bool
    certificate: Certificate | None
    chain_trouble: Mapping[str, str]
    prefers_own_order: bool | None
    resumed: bool | None
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many handshakes succeeded: refusals mean nothing without one."""
        return sum(h.outcome == "accepted" for h in self.versions)
