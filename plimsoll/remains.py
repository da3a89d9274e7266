"""What a run may leave beside files, processes and containers: disks of its own, and segments of shared memory."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from plimsoll.errors import OutOfReach

MOUNTS, SEGMENTS = Path("/proc/self/mounts"), Path("/proc/sysvipc/shm")
SERVER, OF_MEMORY = "postmaster.pid", 6
"""The file of a PostgreSQL server that runs or was killed, and its line with key and number of its shared memory.

A server that is killed leaves its segment; the next one on the same data removes it, and there may be none. A machine
has room for 4096 of them (PostgreSQL 15 manual, 19.4.1).
"""


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


def freed(below: Path) -> None:
    """Nothing below that folder is a disk of its own, and no server that was killed there has shared memory."""
    for file in below.rglob(SERVER) if SEGMENTS.exists() else ():
        release_memory(file)
    unmount(below)


def release_memory(file: Path) -> None:
    """The segment that a server's file names is gone, if nobody uses it."""
    try:
        number = file.read_text(encoding="utf-8").splitlines()[OF_MEMORY].split()[1]
        lines = [line.split() for line in SEGMENTS.read_text(encoding="ascii").splitlines()[1:]]
    except (OSError, ValueError, IndexError):  # no server has got that far here, or it ended in good order
        return
    if any(line[1] == number and line[6] == "0" for line in lines):  # its number, and nobody who uses it
        subprocess.run(["ipcrm", "-m", number], capture_output=True, check=False)


def unmount(below: Path) -> None:
    """Nothing is mounted below that folder, nor on it; whoever still works there sees what was there before."""
    try:
        places = [Path(line.split()[1]) for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:  # not on Linux: nothing was mounted either
        return
    for place in reversed([place for place in places if place.is_relative_to(below.resolve())]):
        subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)
