"""Backups that something happened to after they were made. Each is what it was again when its context is left."""

from __future__ import annotations

import gzip
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from plimsoll.drills.stage.attempting import NotLanded

NEWER = 99
"""A major version of PostgreSQL that will not be there for long."""

GZIPPED, CUSTOM = b"\x1f\x8b", b"PGDMP"
"""What files begin with: gzip's (RFC 1952, 2.3.1) and pg_dump's custom format."""

HEADER_BYTES = 64 * 1024
"""Where a dump says by which version it was made: after the statements for roles, before the first table."""

DUMPED_FROM = re.compile(rb"(?P<before>Dumped (?:from database|by pg_dump) version:? )(?P<major>\d+)")
IN_CUSTOM = re.compile(rb"(?P<length>[\x04-\x40]\x00\x00\x00)(?P<major>\d\d)(?P<after>\.\d+(?: \([^)\x00]{1,60}\))?)")
SAID_BESIDE = re.compile(r"(?i)(?P<before>\b(?:postgres\w*|server|version)\b\D{0,20})(?P<major>\d+)")
SUMS = ("sha256", "sha1", "md5", "sha512")

SALTED = b"Salted__"
"""What `openssl enc` begins with (its manual page, -S): eight bytes of salt follow, and then what is encrypted."""

SALT_BYTES, KEY_BYTES, BLOCK_BYTES = 8, 32, 16
"""Of that salt, and of AES-256 (FIPS 197, 5)."""

Damage = Callable[[Path], str]


@contextmanager
def harmed(backup: Path, damage: Damage) -> Iterator[str]:
    """While inside, the backup is damaged; what is said is how. A folder's largest file stands for it."""
    file = backup if backup.is_file() else max(_files(backup), key=lambda each: each.stat().st_size)
    kept = {each: each.read_bytes() for each in (file, *_beside(file))}
    try:
        yield damage(file)
    finally:
        for each, content in kept.items():
            each.write_bytes(content)


def truncated(file: Path) -> str:
    """Half of it is missing, as after a copy that broke off."""
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    return f"{len(content) // 2} of {len(content)} bytes of {file.name} are there"


def flipped(file: Path) -> str:
    """One bit in its middle is another, as from a failing disk."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return f"bit 0 of byte {len(content) // 2} of {file.name} is another"


def emptied(file: Path) -> str:
    """Nothing is in it, as after a disk was full."""
    file.write_bytes(b"")
    return f"{file.name} has 0 bytes"


def from_newer(file: Path) -> str:
    """It says that a newer PostgreSQL made it, as do its checksums and facts beside it: nothing of it is damaged."""
    old = file.read_bytes()
    new, count = _renumbered(old)
    if not count:
        raise NotLanded(f"{file.name} does not say which version of PostgreSQL made it")
    _replace(file, old, new, says=lambda text: SAID_BESIDE.sub(lambda found: f"{found['before']}{NEWER}", text))
    return f"{file.name} says in {count} places that PostgreSQL {NEWER} made it"


def encrypted(file: Path) -> str:
    """Nobody has the key; its name, its checksums and the facts beside it are a good backup's."""
    old = file.read_bytes()
    lost = Cipher(algorithms.AES(secrets.token_bytes(KEY_BYTES)), modes.CTR(secrets.token_bytes(BLOCK_BYTES)))
    _replace(file, old, SALTED + secrets.token_bytes(SALT_BYTES) + lost.encryptor().update(old))
    with file.open("rb") as opened:
        begins = opened.read(len(SALTED))
    if begins != SALTED or old.startswith(SALTED):
        raise NotLanded(f"{file.name} begins as it did before it was encrypted")
    return f"{file.name} begins with {SALTED.decode()!r}, which no dump does; its checksums fit, and nobody has the key"


def _replace(file: Path, old: bytes, new: bytes, *, says: Callable[[str], str] = str) -> None:
    """It has another content, to which the checksums beside it fit; `says` changes what else is said there."""
    file.write_bytes(new)
    for each in _beside(file):
        text = each.read_text(encoding="utf-8", errors="surrogateescape")
        for kind in SUMS:
            text = text.replace(hashlib.new(kind, old).hexdigest(), hashlib.new(kind, new).hexdigest())
        each.write_text(says(text), encoding="utf-8", errors="surrogateescape")


def _renumbered(content: bytes) -> tuple[bytes, int]:
    """A dump with another version in its header, and in how many places."""
    if content.startswith(CUSTOM):
        head, count = IN_CUSTOM.subn(rb"\g<length>%d\g<after>" % NEWER, content[:HEADER_BYTES], count=2)
        return head + content[HEADER_BYTES:], count
    packed = content.startswith(GZIPPED)
    plain = gzip.decompress(content) if packed else content
    head, count = DUMPED_FROM.subn(rb"\g<before>%d" % NEWER, plain[:HEADER_BYTES])
    plain = head + plain[HEADER_BYTES:]
    return (gzip.compress(plain, compresslevel=1) if packed else plain), count


def _beside(file: Path) -> list[Path]:
    """What lies beside a backup and says something of it: its manifest, its checksum."""
    return [each for each in file.parent.iterdir() if each.is_file() and each.name.startswith(f"{file.name}.")]


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]
