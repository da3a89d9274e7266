"""Small disks of a run's own, each a file system in a file: only root may mount one, and the run's end unmounts it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from plimsoll.errors import OutOfReach

MOUNTS = Path("/proc/self/mounts")


def small_disk(folder: Path, *, size: int) -> None:
    """That folder is on a disk of its own with room for so many bytes. Raises OutOfReach where that cannot be had."""
    if os.geteuid() != 0:
        raise OutOfReach("only root may mount a disk of its own")
    if shutil.which("mkfs.ext4") is None:
        raise OutOfReach("mkfs.ext4 is not installed", hint="apt-get install e2fsprogs")
    image = folder.with_name(f"{folder.name}.disk")
    with image.open("wb") as file:
        file.truncate(size)
    folder.mkdir(parents=True, exist_ok=True)
    for command in (["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(folder)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OutOfReach(f"{command[0]}: {done.stderr.strip()}", hint="a container may lack loop devices")
    (folder / "lost+found").rmdir()


def unmount(below: Path) -> None:
    """Nothing is mounted below that folder, nor on it; whoever still works there sees what was there before."""
    try:
        places = [Path(line.split()[1]) for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:  # not on Linux: nothing was mounted either
        return
    for place in reversed([place for place in places if place.is_relative_to(below.resolve())]):
        subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)
