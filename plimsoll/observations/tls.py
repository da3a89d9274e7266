"""What TLS handshakes showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
"""Every version that is tried, oldest first, as OpenSSL and server configurations call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """One TLS version offered, or one suite or group of it, and what became of it.

    `outcome` is accepted, refused (the server answered with an alert or closed) or unmeasured (nobody could tell, and
    `detail` says why). `group` is the key exchange group that the server chose, `DH 2048` for a prime of its own.
    """

    version: str
    outcome: str
    suite: str = ""
    group: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate that a server presented. `key` reads like "RSA 2048" or "EC secp256r1".

    `ocsp` and `crl` are the addresses where its issuer says whether it was revoked.
    """

    names: tuple[str, ...]
    issuer: str
    not_before: datetime
    not_after: datetime
    key: str
    signature: str
    subject: str = ""
    ocsp: tuple[str, ...] = ()
    crl: tuple[str, ...] = ()
    must_staple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The certificates a server presented, its own first. A server may have several, one for each kind of key.

    `trouble` says why it, or the name asked for, did not verify; "" if it did, None if that was not measured.
    `stapled` tells whether an OCSP answer came with it.
    """

    certificates: tuple[Certificate, ...]
    trouble: str | None = None
    stapled: bool = False

    @property
    def leaf(self) -> Certificate:
        """The server's own certificate."""
        return self.certificates[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSurvey:
    """What one port negotiates with whoever asks for one virtual host.

    `orders` maps a version to whose order of suites decides, server or client, where that could be told. `groups` are
    key exchange groups, by version. `resumed` maps a way of taking up a session (`TLSv1.2 tickets`, `TLSv1.2 ids`,
    `TLSv1.3 tickets`) to whether it worked. `renegotiates` is whether the client may ask for another handshake in a
    session, `secure_renegotiation` whether RFC 5746 is spoken, `fallback_refused` whether RFC 7507 is. `plaintext` is
    whether the same port serves without encryption. None: not measured.
    """

    role: str = "edge"
    scheme: str = "https"
    host: str
    port: int = 443
    versions: tuple[Handshake, ...] = ()
    suites: tuple[Handshake, ...] = ()
    groups: tuple[Handshake, ...] = ()
    orders: Mapping[str, str] = field(default_factory=dict)
    alpn: tuple[str, ...] = ()
    http2_preface: bool = False
    chains: tuple[Chain, ...] = ()
    resumed: Mapping[str, bool] = field(default_factory=dict)
    compressed: bool | None = None
    secure_renegotiation: bool | None = None
    renegotiates: bool | None = None
    fallback_refused: bool | None = None
    extended_master_secret: bool | None = None
    plaintext: bool | None = None
    trouble: str = ""
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many versions were accepted: refusals mean nothing without one."""
        return len(self.accepted)

    @property
    def accepted(self) -> tuple[str, ...]:
        """The versions that are spoken."""
        return tuple(h.version for h in self.versions if h.outcome == "accepted")

    @property
    def where(self) -> str:
        """The virtual host and, where it is not the usual one, the port."""
        return self.host if self.role == "edge" else f"{self.role} ({self.host}:{self.port})"

    def spoken(self, version: str) -> tuple[Handshake, ...]:
        """The suites accepted with one version."""
        return tuple(h for h in self.suites if h.version == version and h.outcome == "accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSurveys:
    """What every port that may speak TLS negotiates, one survey for each of its virtual hosts."""

    surveys: tuple[TlsSurvey, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many surveys saw a server speak, with encryption or without."""
        return sum(bool(s.amount or s.plaintext) for s in self.surveys)

    @property
    def trouble(self) -> str:
        """What the first look that saw nothing stumbled over."""
        return next((s.trouble for s in self.surveys if s.trouble), "")

    def of(self, role: str) -> tuple[TlsSurvey, ...]:
        """The surveys of one role."""
        return tuple(s for s in self.surveys if s.role == role)
