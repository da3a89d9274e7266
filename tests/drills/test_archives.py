"""Backups are damaged as they should be, and whole again afterwards."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from plimsoll.drills.backup.archives import Damage, emptied, encrypted, flipped, from_newer, harmed, truncated
from plimsoll.drills.stage.attempting import NotLanded

PLAIN = b"""--
-- PostgreSQL database dump
--

-- Dumped from database version 15.14 (Debian 15.14-0+deb12u1)
-- Dumped by pg_dump version 15.14 (Debian 15.14-0+deb12u1)

CREATE TABLE trips (id bigint);
-- PostgreSQL database dump complete
"""


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A dump with its manifest, and another backup that is none of it."""
    file = tmp_path / "site_20260301_020000.sql.gz"
    file.write_bytes(gzip.compress(PLAIN))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest = f"made 2026-03-01T02:00:00Z\ndatabase site\npostgres 15\ntables 1\n{digest}  {file.name}\n"
    (tmp_path / f"{file.name}.manifest").write_text(manifest, encoding="utf-8")
    (tmp_path / "site_20260228_020000.sql.gz").write_bytes(b"older")
    return file


def contents(folder: Path) -> dict[str, bytes]:
    """Every file with what is in it."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("damage", [truncated, flipped, emptied, encrypted, from_newer])
def test_damage_is_undone(backup: Path, damage: Damage) -> None:
    """While it lasts the backup is another; afterwards everything is as it was."""
    before = contents(backup.parent)

    with harmed(backup, damage) as landed:
        during = contents(backup.parent)

    assert backup.name in landed
    assert during[backup.name] != before[backup.name]
    assert during["site_20260228_020000.sql.gz"] == b"older"
    assert contents(backup.parent) == before


def test_one_bit_is_one_bit(backup: Path) -> None:
    """A flipped bit changes no length, and one byte."""
    before = backup.read_bytes()

    flipped(backup)

    after = backup.read_bytes()
    assert [one ^ other for one, other in zip(before, after, strict=True) if one != other] == [1]


def test_a_newer_dump_is_whole(backup: Path) -> None:
    """It says another version, as does its manifest, and its checksum fits: nothing else is wrong."""
    from_newer(backup)

    manifest = backup.with_name(f"{backup.name}.manifest").read_text(encoding="utf-8")
    assert b"Dumped from database version 99.14" in gzip.decompress(backup.read_bytes())
    assert b"CREATE TABLE trips" in gzip.decompress(backup.read_bytes())
    assert "postgres 99\ntables 1\n" in manifest
    assert f"{hashlib.sha256(backup.read_bytes()).hexdigest()}  {backup.name}" in manifest


def test_nobody_has_the_key(backup: Path) -> None:
    """Nothing of it can be read, the key is another each time, and its manifest fits: only its content betrays it."""
    before, manifest = backup.read_bytes(), backup.with_name(f"{backup.name}.manifest")
    said = manifest.read_text(encoding="utf-8").splitlines()[:-1]
    contents = []

    for _ in range(2):
        with harmed(backup, encrypted) as landed:
            contents.append(backup.read_bytes())
            *facts, checksum = manifest.read_text(encoding="utf-8").splitlines()
            assert facts == said
            assert checksum == f"{hashlib.sha256(contents[-1]).hexdigest()}  {backup.name}"

    one, other = contents
    assert one[16:] != other[16:]
    assert len(one) == len(before) + 16
    assert not one.startswith(before[:2])
    assert before[:32] not in one
    assert "begins with 'Salted__', which no dump does" in landed


def test_what_is_encrypted_already(tmp_path: Path) -> None:
    """By its first bytes nobody could tell that it is encrypted once more."""
    file = tmp_path / "site.sql.enc"
    file.write_bytes(b"Salted__12345678 and more")

    with pytest.raises(NotLanded, match=r"site\.sql\.enc begins as it did"):
        encrypted(file)


def test_what_says_no_version(tmp_path: Path) -> None:
    """Nothing can be made of it."""
    file = tmp_path / "plain.sql"
    file.write_bytes(b"SELECT 1;")

    with pytest.raises(NotLanded, match=r"plain\.sql does not say"):
        from_newer(file)
