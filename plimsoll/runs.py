"""One run's folder, and the promise that nothing of a run outlives it.

Every process of a run works inside the run's folder and every container and network carries the run's label, so what is
ours can be told from what is not. A reaper, a tiny process of its own, waits for the run to end in whatever way, and
removes what is left; when the reaper was killed too, the next run or `python -m plimsoll sweep` does it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from plimsoll.errors import PlimsollError
from plimsoll.labelled import EngineSilent, remove_labelled
from plimsoll.mounts import unmount
from plimsoll.segments import given_back
from plimsoll.wait import NotReady, wait_until

DISK, MEMORY = Path("/tmp"), Path("/dev/shm")  # noqa: S108 - compared, and then used through a folder of our own
PLENTY = 4 * 1024**3
"""Bytes of memory set aside for files from which on a run may use some: it takes about 0.2 GB (a cluster, uploads)."""

RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
OWNER = "owner.json"
LOCK = "lock"
KEPT = "kept"
ENGINE = "engine"
"""The file in a run's folder that says that containers, networks or volumes of it may be there."""

STUCK = "stuck"
"""The file in a run's folder that says that the engine did not let go of something of it. Engines miscount what is
connected to a network now and then, and keep it until they are restarted."""

HELD = "the engine does not let go of its networks or containers; restart it, then: python -m plimsoll sweep"

STOP_SECONDS = 3.0
"""Seconds a left-over process gets to end before it is killed."""

STATE, SESSION, TERMINAL, STARTED = 0, 3, 4, 19
"""Places of proc(5)'s stat, counted from after the name: its fields 3, 6, 7 and 22."""


def runs_folder(*, disk: bool = False) -> Path:
    """The folder with a folder per run of this user; its path is short, as those of sockets must be.

    Whether a machine's end loses data, and how long that takes to prevent, shows on a `disk` only.
    """
    folder = _temporary(disk=disk) / f"plimsoll-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        raise PlimsollError(f"cannot make {folder}: {error.strerror}", hint="free space or set TMPDIR") from error
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise PlimsollError(f"{folder} belongs to somebody else", hint="set TMPDIR to a folder of your own")
    return folder


def _temporary(*, disk: bool) -> Path:
    """Where temporary files go: as TMPDIR says; without it in memory, where there is plenty of it, else on the disk."""
    chosen = Path(tempfile.gettempdir()).resolve()
    plenty = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).total >= PLENTY
    return MEMORY if chosen == DISK and plenty and not disk else chosen


def cache_folder() -> Path:
    """Where what is slow to make is kept between runs."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plimsoll"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlimsollError(
            f"cannot make {folder}: {error.strerror}", hint="free space or set XDG_CACHE_HOME"
        ) from error
    return folder


def new_run_id() -> str:
    """A name for one run that sorts by time and never collides: 20261120-234126-1f9c2a."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


class Run:
    """The folder of one run, with a reaper watching over it; gone when left, unless kept."""

    def __init__(self, run_id: str, *, keep: bool = False, disk: bool = False) -> None:
        self.id = run_id
        self.folder = runs_folder(disk=disk) / run_id
        self.keep = keep
        self._reaper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._reaper = subprocess.Popen(
            [sys.executable, "-m", "plimsoll.runs", str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        try:
            self._make_folder()
        except OSError as error:
            self._dismiss_reaper()
            fact = f"cannot make {self.folder}: {error.strerror}"
            raise PlimsollError(fact, hint="free space or set TMPDIR") from error
        return self

    def __exit__(self, *exception: object) -> None:
        if self.keep:
            (self.folder / KEPT).touch()
        else:
            remove(self.folder)
        self._dismiss_reaper()

    def _make_folder(self) -> None:
        """The folder names its owner, or is not there; one of the same name that was there before is left alone."""
        with _alone():
            self.folder.mkdir(mode=0o755)
            me = {"pid": os.getpid(), "started": _start_time(os.getpid())}
            try:
                (self.folder / OWNER).write_text(json.dumps(me), encoding="utf-8")
            except OSError:
                shutil.rmtree(self.folder)
                raise

    def _dismiss_reaper(self) -> None:
        """The reaper ends without doing anything."""
        assert self._reaper is not None  # noqa: S101 - the run was entered
        assert self._reaper.stdin is not None  # noqa: S101 - it was opened with a pipe
        with contextlib.suppress(BrokenPipeError):
            self._reaper.stdin.write(b"done")
            self._reaper.stdin.close()
        self._reaper.wait()


def leftovers() -> list[Path]:
    """The folders of runs whose owner is dead, kept ones included, oldest first."""
    with _alone():
        folders = sorted((folder for place in _places() for folder in place.iterdir()), key=lambda folder: folder.name)
        return [folder for folder in folders if folder.is_dir() and not _owner_lives(folder)]


def _places() -> set[Path]:
    return {runs_folder(), runs_folder(disk=True)}


def stuck() -> list[str]:
    """The ids of the runs of which an engine holds something that it does not remove."""
    return sorted(folder.parent.name for place in _places() for folder in place.glob(f"*/{STUCK}"))


def sweep(*, kept: bool = False) -> list[str]:
    """The ids of the dead runs that were removed with all their processes, containers and networks.

    Runs ended with `--keep` are left alone unless `kept` asks for them.
    """
    found = [folder for folder in leftovers() if kept or not (folder / KEPT).exists()]
    for folder in found:
        remove(folder)
    return [folder.name for folder in found if not folder.exists()]


def remove(folder: Path) -> None:
    """The run's processes are ended, its containers and networks removed, its folder deleted.

    While no engine answers, nobody knows of containers: so much of the folder stays that a later sweep finds it. So it
    does where an engine does not let go; later sweeps try again, and wait no longer.
    """
    pids = list(_working_in(folder))
    with given_back(pids):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)
        if pids:
            with contextlib.suppress(NotReady):
                wait_until(
                    lambda: not any(_working_in(folder)), timeout=STOP_SECONDS, what="the end of left-over processes"
                )
        unmount(folder)
        stays: tuple[str, ...] = ()
        if (folder / ENGINE).exists() and not _engine_let_go(folder):
            stays = (OWNER, ENGINE, STUCK)
        with contextlib.suppress(NotReady):
            wait_until(lambda: _erased(folder, stays), timeout=STOP_SECONDS, what=f"the end of {folder}")


def _engine_let_go(folder: Path) -> bool:
    """Whether an engine answered, and has nothing of the run any more."""
    try:
        gone = remove_labelled(folder.name, hurried=(folder / STUCK).exists())
    except EngineSilent:
        return False
    if not gone:
        (folder / STUCK).touch()
    return gone


def _erased(folder: Path, stays: Sequence[str]) -> bool:
    """Whether the folder is gone but for what stays: its processes are killed, as one may still have been writing."""
    for pid in _working_in(folder):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    for path in [each for each in folder.iterdir() if each.name not in stays] if stays else [folder]:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return not folder.exists() or {path.name for path in folder.iterdir()} <= {*stays}


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """While inside, no other run appears half made: its folder without its owner would look left over."""
    with (runs_folder() / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _working_in(folder: Path) -> Iterator[int]:
    """The processes whose working directory lies inside the folder: services of the run have theirs there."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            cwd = (entry / "cwd").readlink()
        except OSError:
            continue
        if cwd.is_relative_to(folder) and int(entry.name) != os.getpid() and _is_service(int(entry.name)):
            yield int(entry.name)


def _owner_lives(folder: Path) -> bool:
    """Whether the process that made the run still runs: the same one, as a process id may be used again.

    A folder that nothing marks as a run's is taken for somebody's who lives.
    """
    if not (folder / OWNER).exists() and not RUN_ID.fullmatch(folder.name):
        return True
    try:
        owner = json.loads((folder / OWNER).read_text(encoding="utf-8"))
        return bool(_start_time(owner["pid"]) == owner["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _start_time(pid: int) -> str:
    """When the kernel says that the process started, in clock ticks after boot."""
    return _stat(pid)[STARTED]


def _is_service(pid: int) -> bool:
    """Whether the process runs, and is no shell in which somebody looks around: those lead a terminal's session."""
    try:
        said = _stat(pid)
    except OSError:
        return False
    return said[STATE] != "Z" and (said[TERMINAL] == "0" or said[SESSION] != str(pid))


def _stat(pid: int) -> list[str]:
    """What proc(5) says of a process after its name, which may hold anything, even half a character."""
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].decode("ascii").split()


def _reap(folder: Path) -> None:
    """The reaper: it waits until its standard input ends, and cleans up unless it was told that all is done."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    told = sys.stdin.buffer.read()
    if told != b"done" and not (folder / KEPT).exists():
        remove(folder)


if __name__ == "__main__":
    _reap(Path(sys.argv[1]))
