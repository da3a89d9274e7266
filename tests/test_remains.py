"""A run's own disks are full when they are, and gone with it; so is the shared memory of servers that were killed."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

from plimsoll.errors import OutOfReach
from plimsoll.remains import SEGMENTS, SERVER, freed, small_disk

MEGABYTE = 1 << 20
PRIVATE, CREATE, OURS = 0, 0o1000, 0o600
"""shmget(2)."""


def disk_at(folder: Path) -> None:
    """A small disk; skips where nobody may mount one."""
    try:
        small_disk(folder, size=4 * MEGABYTE)
    except OutOfReach as error:
        pytest.skip(f"not run: {error.fact}")


def test_a_small_disk_is_soon_full_and_goes(tmp_path: Path) -> None:
    """It has room for no more than was said, and what was below it is seen again once it is freed."""
    folder = tmp_path / "uploads"
    disk_at(folder)
    assert folder.is_mount()
    assert list(folder.iterdir()) == []
    with (folder / "large").open("wb") as file, pytest.raises(OSError, match="No space left"):
        os.posix_fallocate(file.fileno(), 0, 5 * MEGABYTE)

    freed(tmp_path)

    assert not folder.is_mount()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may")
def test_others_than_root_mount_nothing(tmp_path: Path) -> None:
    """Whoever asks is told so."""
    with pytest.raises(OutOfReach, match="only root"):
        small_disk(tmp_path / "uploads", size=MEGABYTE)


@pytest.mark.skipif(not SEGMENTS.exists(), reason="no System V segments are listed here")
def test_a_killed_server_leaves_no_shared_memory(tmp_path: Path) -> None:
    """Its file names the segment, which nobody uses any more; a segment that none names stays."""
    libc = ctypes.CDLL(None, use_errno=True)
    mine, other = (libc.shmget(PRIVATE, 56, CREATE | OURS) for _ in range(2))
    if -1 in (mine, other):
        pytest.skip("not run: this machine has no room for another segment")
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / SERVER).write_text(f"123\n{data}\n0\n5432\n/tmp\n127.0.0.1\n  0   {mine}\nready\n", encoding="utf-8")
    try:
        freed(tmp_path)
        left = {line.split()[1] for line in SEGMENTS.read_text(encoding="ascii").splitlines()[1:]}
    finally:
        libc.shmctl(other, 0, None)  # IPC_RMID

    assert str(mine) not in left
    assert str(other) in left
