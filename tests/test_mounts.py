"""A run's own disks are soon full, and gone with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plimsoll.errors import OutOfReach
from plimsoll.mounts import small_disk, unmount

MEGABYTE = 1 << 20


def disk_at(folder: Path) -> None:
    """A small disk; skips where nobody may mount one."""
    try:
        small_disk(folder, size=4 * MEGABYTE)
    except OutOfReach as error:
        pytest.skip(f"not run: {error.fact}")


def test_a_small_disk_is_soon_full_and_goes(tmp_path: Path) -> None:
    """It has room for no more than was said, and what was below it is seen again once it is unmounted."""
    folder = tmp_path / "uploads"
    disk_at(folder)
    assert folder.is_mount()
    assert list(folder.iterdir()) == []
    with (folder / "large").open("wb") as file, pytest.raises(OSError, match="No space left"):
        os.posix_fallocate(file.fileno(), 0, 5 * MEGABYTE)

    unmount(tmp_path)

    assert not folder.is_mount()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may")
def test_others_than_root_mount_nothing(tmp_path: Path) -> None:
    """Whoever asks is told so."""
    with pytest.raises(OutOfReach, match="only root"):
        small_disk(tmp_path / "uploads", size=MEGABYTE)
