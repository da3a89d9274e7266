"""The cipher suites, key exchange groups and versions that TLS has numbers for, whoever still implements them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plimsoll.observations.tls import VERSIONS

VERSION_NUMBERS: Mapping[str, int] = dict(zip(VERSIONS, range(0x0300, 0x0305), strict=True))
"""Versions as hellos write them: TLS 1.0 is SSL 3.1 (RFC 2246, E), and so on."""

GROUPS: Mapping[int, str] = {
    0x11EC: "X25519MLKEM768",
    0x11EB: "SecP256r1MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
    0x6399: "X25519Kyber768Draft00",
    0x0200: "MLKEM512",
    0x0201: "MLKEM768",
    0x0202: "MLKEM1024",
    29: "x25519",
    23: "secp256r1",
    24: "secp384r1",
    25: "secp521r1",
    30: "x448",
    31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13",
    33: "brainpoolP512r1tls13",
    26: "brainpoolP256r1",
    27: "brainpoolP384r1",
    28: "brainpoolP512r1",
    22: "secp256k1",
    41: "curveSM2",
    256: "ffdhe2048",
    257: "ffdhe3072",
    258: "ffdhe4096",
    259: "ffdhe6144",
    260: "ffdhe8192",
    **dict(enumerate(("sect163k1", "sect163r1", "sect163r2", "sect193r1", "sect193r2", "sect233k1", "sect233r1"), 1)),
    **dict(enumerate(("sect239k1", "sect283k1", "sect283r1", "sect409k1", "sect409r1", "sect571k1", "sect571r1"), 8)),
    **dict(enumerate(("secp160k1", "secp160r1", "secp160r2", "secp192k1", "secp192r1", "secp224k1", "secp224r1"), 15)),
}
"""Groups by number, in the order they are offered: what Mozilla's guidelines 6.0 prefer first, old curves last.

IANA, TLS Supported Groups; the ML-KEM hybrids are draft-ietf-tls-ecdhe-mlkem's.
"""


FINITE_FIELDS = range(256, 512)
"""Groups of numbers modulo a prime (RFC 7919, 2)."""

OBSOLETE = frozenset({*range(1, 23), 26, 27, 28})
"""Groups that no hello of TLS 1.3 alone may name (RFC 8446, 4.2.7)."""

FOR_TLS13 = frozenset({31, 32, 33, *(number for number, name in GROUPS.items() if "KEM" in name or "Kyber" in name)})
"""Groups that only TLS 1.3 has."""


def _read() -> Mapping[int, str]:
    """What suites.txt says; a suite is called as OpenSSL calls it, as server configurations do."""
    text = (Path(__file__).parent / "suites.txt").read_text(encoding="ascii")
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {int(number, 16): iana if name == "-" else name for number, iana, name in rows}


SUITES: Mapping[int, str] = _read()
"""Suites by number, under OpenSSL's name where it has one, else IANA's."""

TLS13 = tuple(n for n, name in SUITES.items() if name.startswith("TLS_") and "_WITH_" not in name)
"""The suites of TLS 1.3: they name no key exchange (RFC 8446, B.4)."""

BEFORE_TLS13 = tuple(sorted(set(SUITES) - set(TLS13)))
"""The suites of all versions before."""


def groups_of(version: str) -> tuple[int, ...]:
    """The groups that this version may use.

    Before TLS 1.3 those of finite fields stay unsaid: a server whose prime is its own would have to refuse every suite
    that uses it (RFC 7919, 4).
    """
    if version == VERSIONS[-1]:
        return tuple(number for number in GROUPS if number not in OBSOLETE)
    return tuple(number for number in GROUPS if number not in FOR_TLS13 and number not in FINITE_FIELDS)


def suites_of(version: str) -> tuple[int, ...]:
    """The suites that this version may use."""
    return TLS13 if version == VERSIONS[-1] else BEFORE_TLS13
