"""The first message of a TLS client, SSL 3.0 to TLS 1.3, byte by byte: it offers what no TLS library would any more.

Only the first flight is made, which is never encrypted; whoever wants a session uses a TLS library.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from plimsoll.probes.tls.suites import VERSION_NUMBERS

HANDSHAKE, CLIENT_HELLO = 22, 1
"""The record's and the message's type (RFC 8446, 5.1 and 4)."""

RANDOM_BYTES = 32
SERVER_NAME, STATUS_REQUEST, SUPPORTED_GROUPS, POINT_FORMATS, SIGNATURES = 0, 5, 10, 11, 13
EXTENDED_MASTER_SECRET, SESSION_TICKET, SUPPORTED_VERSIONS, KEY_SHARE, RENEGOTIATION_INFO = 23, 35, 43, 51, 0xFF01
KEY_EXCHANGE_MODES = 45
"""Extensions (IANA, TLS ExtensionType Values)."""

X25519 = 29
"""The group that nearly every server of TLS 1.3 takes (RFC 8446, 9.1)."""

FALLBACK_SCSV = 0x5600
"""The suite number by which a client says that it tries again with less (RFC 7507)."""

DEFLATE, UNCOMPRESSED = 1, 0
"""Compression methods (RFC 3749); TLS 1.3 has none."""

SIGNATURE_SCHEMES = (
    *(0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601),
    *(0x0904, 0x0905, 0x0906, 0x081A, 0x081B, 0x081C, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0202, 0x0101),
)
"""Every kind of signature: a server must not refuse for want of one (IANA, TLS SignatureScheme)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """An offer of one version, with suites and groups by number, in order of preference.

    With `share`, a key share for X25519 comes with it: a server that takes this group then asks for no other. Without,
    the server names the group that it wants in a HelloRetryRequest (RFC 8446, 4.2.8).
    """

    version: str
    suites: tuple[int, ...]
    groups: tuple[int, ...]
    host: str = ""
    fallback: bool = False
    share: bool = False

    def encode(self) -> bytes:
        """The record that carries it."""
        number = VERSION_NUMBERS[self.version]
        modern = self.version == "TLSv1.3"
        suites = (*self.suites, *((FALLBACK_SCSV,) if self.fallback else ()))
        body = b"".join(
            (
                _number(min(number, VERSION_NUMBERS["TLSv1.2"])),
                secrets.token_bytes(RANDOM_BYTES),
                _sized(secrets.token_bytes(RANDOM_BYTES) if modern else b"", 1),  # RFC 8446, D.4: like a resumption
                _sized(_numbers(suites), 2),
                _sized(bytes((UNCOMPRESSED,) if modern else (DEFLATE, UNCOMPRESSED)), 1),
                b"" if number == VERSION_NUMBERS["SSLv3"] else _sized(b"".join(self._extensions(modern=modern)), 2),
            )
        )
        message = bytes((CLIENT_HELLO,)) + _sized(body, 3)
        return bytes((HANDSHAKE,)) + _number(min(number, VERSION_NUMBERS["TLSv1"])) + _sized(message, 2)

    def _extensions(self, *, modern: bool) -> Iterable[bytes]:
        if is_name(self.host):
            name = b"\0" + _sized(self.host.encode("idna"), 2)
            yield _extension(SERVER_NAME, _sized(name, 2))
        yield _extension(SUPPORTED_GROUPS, _sized(_numbers(self.groups), 2))
        yield _extension(SIGNATURES, _sized(_numbers(SIGNATURE_SCHEMES), 2))
        yield _extension(STATUS_REQUEST, b"\x01\0\0\0\0")
        if modern:
            yield _extension(SUPPORTED_VERSIONS, _sized(_number(VERSION_NUMBERS[self.version]), 1))
            yield _extension(KEY_SHARE, _sized(self._share(), 2))
            yield _extension(KEY_EXCHANGE_MODES, b"\x01\x01")
        else:
            yield _extension(POINT_FORMATS, b"\x03\0\x01\x02")
            yield _extension(EXTENDED_MASTER_SECRET, b"")
            yield _extension(SESSION_TICKET, b"")
            yield _extension(RENEGOTIATION_INFO, b"\0")

    def _share(self) -> bytes:
        """Any 32 bytes are a public key of X25519 (RFC 7748, 5); nobody needs to know the private one."""
        if not self.share or X25519 not in self.groups:
            return b""
        return _number(X25519) + _sized(secrets.token_bytes(RANDOM_BYTES), 2)


def is_name(host: str) -> bool:
    """Whether it may be sent as a server's name: addresses may not (RFC 6066, 3)."""
    try:
        ip_address(host)
    except ValueError:
        return bool(host)
    return False


def _extension(kind: int, body: bytes) -> bytes:
    return _number(kind) + _sized(body, 2)


def _number(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _numbers(values: Iterable[int]) -> bytes:
    return b"".join(map(_number, values))


def _sized(body: bytes, width: int) -> bytes:
    """The bytes behind their length."""
    return len(body).to_bytes(width, "big") + body
