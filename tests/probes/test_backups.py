"""A backup's file is looked into: what it is packed with, what it holds, and whether that is all of it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from plimsoll.observations.drills.made import DumpHead
from plimsoll.probes.backups import piece_of

DUMP = b"""--
-- PostgreSQL database dump
--

-- Dumped from database version 15.8 (Debian 15.8-1)
CREATE TABLE public.trips (
    id bigint NOT NULL
);
ALTER TABLE public.trips OWNER TO shop;
CREATE TABLE ledger."entries" (id bigint);
COPY public.trips (id, title) FROM stdin;
1\tGRANT ALL ON TABLE trips TO everybody;
2\tCREATE TABLE of_a_carpenter
3\t-- PostgreSQL database dump complete
\\.
GRANT SELECT ON TABLE public.trips TO reader;
ALTER DEFAULT PRIVILEGES FOR ROLE shop IN SCHEMA ledger GRANT SELECT ON TABLES TO reader;
--
-- PostgreSQL database dump complete
--
"""
HEAD = DumpHead(whole=True, server="15.8", owners=1, grants=2, tables=("trips", "entries"))


@pytest.mark.parametrize(
    ("name", "pack"),
    [("", bytes), ("gzip", gzip.compress), ("xz", lzma.compress), ("bzip2", bz2.compress)],
)
def test_a_dump(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    """A dump says what it holds, packed in whatever way; rows that look like statements are rows."""
    file = tmp_path / "shop.sql"
    file.write_bytes(pack(DUMP))
    file.chmod(0o640)

    piece = piece_of(file, shown="/backups/shop.sql")

    assert (piece.path, piece.mode, piece.packed, piece.form, piece.dump) == (
        "/backups/shop.sql",
        0o640,
        name,
        "sql",
        HEAD,
    )


@pytest.mark.parametrize("program", ["zstd", "lz4"])
def test_a_dump_packed_by_another_program(tmp_path: Path, program: str) -> None:
    """What Python cannot unpack, the program can that packed it."""
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")
    packed = subprocess.run([program, "-c"], input=DUMP, capture_output=True, check=True).stdout
    (tmp_path / "shop.sql").write_bytes(packed)

    piece = piece_of(tmp_path / "shop.sql", shown="shop.sql")

    assert (piece.packed, piece.form, piece.dump) == (program, "sql", HEAD)


def test_two_dumps_in_one_file(tmp_path: Path) -> None:
    """What was packed piece by piece is one dump (RFC 1952, 2.2)."""
    (tmp_path / "shop.sql.gz").write_bytes(gzip.compress(DUMP[:200]) + gzip.compress(DUMP[200:]))

    assert piece_of(tmp_path / "shop.sql.gz", shown="shop.sql.gz").dump == HEAD


def test_half_a_dump(tmp_path: Path) -> None:
    """A dump that breaks off among its rows is not whole, although the line of its end is one of them."""
    half = DUMP[: DUMP.index(b"\\.")]
    (tmp_path / "shop.sql").write_bytes(half)

    dump = piece_of(tmp_path / "shop.sql", shown="shop.sql").dump

    assert dump is not None
    assert not dump.whole


@pytest.mark.parametrize("cut", [30, 150, -5])
def test_half_a_file(tmp_path: Path, cut: int) -> None:
    """A packed file that breaks off says so, and nothing else raises."""
    (tmp_path / "shop.sql.gz").write_bytes(gzip.compress(DUMP)[:cut])

    piece = piece_of(tmp_path / "shop.sql.gz", shown="shop.sql.gz")

    assert (piece.packed, piece.form) == ("gzip", "")
    assert "cannot be read to its end" in piece.trouble


@pytest.mark.parametrize(
    ("content", "packed", "form"),
    [
        (b"", "", "empty"),
        (gzip.compress(b""), "gzip", "empty"),
        (gzip.compress(b"REDIS0010\xfa\tredis-ver"), "gzip", "snapshot"),
        (b"deployment shop\nmade 2026-03-01\n", "", ""),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, packed: str, form: str) -> None:
    """Snapshots are told from what is empty, and from what is no backup at all."""
    (tmp_path / "file").write_bytes(content)

    piece = piece_of(tmp_path / "file", shown="file")

    assert (piece.packed, piece.form, piece.trouble) == (packed, form, "")


def test_an_archive(tmp_path: Path) -> None:
    """An archive says the names of its members."""
    with tarfile.open(tmp_path / "files.tar.gz", "w:gz") as archive:
        for name in ("./nginx/nginx.conf", "./compose/.env"):
            member = tarfile.TarInfo(name)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))

    piece = piece_of(tmp_path / "files.tar.gz", shown="files.tar.gz")

    assert (piece.packed, piece.form, piece.members) == ("gzip", "tar", ("./nginx/nginx.conf", "./compose/.env"))


def test_postgresql_s_own_format(tmp_path: Path) -> None:
    """What begins as PostgreSQL's own format and goes on as nothing is no whole dump."""
    if shutil.which("pg_restore") is None:
        pytest.skip("there is no pg_restore here")
    (tmp_path / "shop.dump").write_bytes(b"PGDMP\x01\x0e\x00 and nothing more")

    piece = piece_of(tmp_path / "shop.dump", shown="shop.dump")

    assert (piece.form, piece.dump) == ("custom", DumpHead(whole=False))
