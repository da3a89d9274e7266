"""What outlives a service's machine, and where its paths lie on this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.stacks.containers.blueprints import Frame, uploads_inside
from plimsoll.stacks.volumes import MOUNTS, empty, medium_of, relocated

PREFIXES = ("/var/lib/postgresql/data", "/var/lib/postgresql/wal-archive", "/data")
HERE = Path("/run/x/machine")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/data/dump.rdb", "/run/x/machine/data/dump.rdb"),
        ("/database /data2 /my/data x/data", "/database /data2 /my/data x/data"),
        ("cp %p /var/lib/postgresql/wal-archive/%f", "cp %p /run/x/machine/var/lib/postgresql/wal-archive/%f"),
        ("'/var/lib/postgresql/data'", "'/run/x/machine/var/lib/postgresql/data'"),
        ("/var/lib/postgresql/data/../wal", "/run/x/machine/var/lib/postgresql/data/../wal"),
        ("/var/lib/postgresql", "/var/lib/postgresql"),
    ],
)
def test_paths_of_the_machine_are_moved(text: str, expected: str) -> None:
    """Whole paths below a known one lie in the folder that stands for the machine; whatever else stays."""
    assert relocated(text, PREFIXES, HERE) == expected


def test_nothing_is_moved_where_nothing_is_known() -> None:
    """A machine of which nothing is known has no path of its own."""
    assert relocated("/data", (), HERE) == "/data"


def test_uploads_are_on_the_volume_called_so() -> None:
    """A volume whose path says uploads has them; without one they lie in the machine alone."""
    kept = Frame(volumes=(("files", "/app/files"), ("users", "/app/uploads")))

    assert uploads_inside(kept) == "/app/uploads"
    assert uploads_inside(Frame(volumes=(("files", "/app/files"),))) == "/uploads"
    assert uploads_inside(None) == "/uploads"


def test_a_folder_is_emptied(tmp_path: Path) -> None:
    """Files, folders and links go; what a link leads to stays."""
    target = tmp_path / "target"
    target.write_text("kept", encoding="utf-8")
    folder = tmp_path / "folder"
    (folder / "a/b").mkdir(parents=True)
    (folder / "link").symlink_to(target)
    (folder / "a/file").write_text("gone", encoding="utf-8")

    empty(folder)

    assert list(folder.iterdir()) == []
    assert target.read_text(encoding="utf-8") == "kept"


@pytest.mark.skipif(not MOUNTS.exists(), reason="only Linux lists its mounts there")
def test_the_medium_is_named(tmp_path: Path) -> None:
    """The file system comes first, and whether writes wait for it; those of memory wait for nothing."""
    said = medium_of(tmp_path, durable=True), medium_of(tmp_path, durable=False)

    assert said in ((f"{said[0].partition(',')[0]}, fsync", f"{said[0].partition(',')[0]}, no fsync"), ("tmpfs",) * 2)
    assert medium_of(Path("/dev/shm"), durable=True) in ("tmpfs", said[0])  # noqa: S108 - looked at, not written to
