"""Nothing of a run outlives it, and nothing else is touched."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from plimsoll import runs
from plimsoll.errors import PlimsollError
from plimsoll.runs import KEPT, OWNER, Run, leftovers, new_run_id, runs_folder, sweep
from plimsoll.wait import wait_until
from tests.proc import asked_for, lives

HOME = Path(__file__).parents[1]
SECONDS = 10.0
"""How long a test waits for another process: far longer than it takes."""

Start = Callable[..., Popen[bytes]]
Owner = Callable[..., tuple[Popen[bytes], Path, int]]

OWNER_OF_A_RUN = """
import subprocess, sys
from plimsoll.runs import Run
with Run(sys.argv[1], keep="keep" in sys.argv) as run:
    service = subprocess.Popen(["sleep", "60"], cwd=run.folder, start_new_session=True)
    (run.folder / "up").write_text(str(service.pid))
    sys.stdin.read()
    service.kill()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runs of this test, in a temporary directory of its own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return runs_folder()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts processes that the test ends."""
    started: list[Popen[bytes]] = []

    def one(*command: str, cwd: Path = HOME, **options: object) -> Popen[bytes]:
        process = Popen(command, cwd=cwd, start_new_session=True, **options)  # type: ignore[call-overload] # passed on
        started.append(process)
        return process  # type: ignore[no-any-return] # so it is

    yield one
    for process in started:
        process.kill()
        with process:  # waits, and closes its pipes
            pass


@pytest.fixture
def owner(start: Start, folder: Path) -> Owner:
    """Starts a process that owns a run with one service; gives the process, the run's folder and the service's id."""

    def one(*options: str) -> tuple[Popen[bytes], Path, int]:
        run = folder / new_run_id()
        environment = {**os.environ, "PYTHONPATH": str(HOME)}
        process = start(sys.executable, "-c", OWNER_OF_A_RUN, run.name, *options, stdin=PIPE, env=environment)
        wait_until(lambda: (run / "up").exists() and (run / "up").read_text(), timeout=SECONDS, what="the run")
        return process, run, int((run / "up").read_text())

    return one


def dead_run(folder: Path, name: str = "20260301-120000-abcdef", **said: object) -> Path:
    """The folder of a run whose owner is dead, or is whatever else is said."""
    run = folder / name
    run.mkdir()
    (run / OWNER).write_text(json.dumps({"pid": 2**22 + 1, "started": "1", **said}), encoding="utf-8")
    return run


def test_a_run_has_a_folder_while_it_lasts(folder: Path) -> None:
    """It is there inside, it says who owns it, and it is gone afterwards with all that was in it."""
    with Run("a-run") as run:
        (run.folder / "data").mkdir()
        assert run.folder == folder / "a-run"
        assert json.loads((run.folder / OWNER).read_text(encoding="utf-8"))["pid"] == os.getpid()
        assert leftovers() == []

    assert not run.folder.exists()


def test_a_run_that_fails_is_cleared_away_too() -> None:
    """An exception goes its way; the folder goes as well."""
    with pytest.raises(ZeroDivisionError), Run("a-run") as run:
        _ = 1 // 0

    assert not run.folder.exists()


def test_a_kept_run_stays_until_it_is_asked_for() -> None:
    """`--keep` leaves the folder; only a sweep that asks for kept ones takes it, once its owner is dead."""
    with Run("a-run", keep=True) as run:
        pass

    assert (run.folder / KEPT).exists()
    assert sweep(kept=True) == []
    dead = {"pid": 2**22 + 1, "started": "1"}
    (run.folder / OWNER).write_text(json.dumps(dead), encoding="utf-8")
    assert sweep() == []
    assert sweep(kept=True) == ["a-run"]
    assert not run.folder.exists()


def test_services_end_with_their_run(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever works inside the folder is ended, also deep inside and also against its will; others are not."""
    monkeypatch.setattr(runs, "STOP_SECONDS", 0.3)
    with Run("a-run") as run:
        (run.folder / "data" / "deep").mkdir(parents=True)
        beside = run.folder.with_name("a-run-beside")
        beside.mkdir()
        service = start("sleep", "60", cwd=run.folder / "data" / "deep")
        deaf = "trap '' TERM; echo ready; sleep 60 & wait; wait"
        stubborn = start("sh", "-c", deaf, cwd=run.folder, stdout=PIPE)
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        stranger = start("sleep", "60", cwd=beside)

    assert (service.wait(SECONDS), stubborn.wait(SECONDS)) == (-signal.SIGTERM, -signal.SIGKILL)
    assert lives(stranger.pid)
    assert beside.exists()


def test_a_temporary_directory_may_be_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    """The kernel names a service's directory without links, and so must the run."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "link"))

    with Run("a-run") as run:
        service = start("sleep", "60", cwd=run.folder)

    assert service.wait(SECONDS) == -signal.SIGTERM


def test_a_shell_that_looks_around_is_left_alone(folder: Path, start: Start) -> None:
    """Somebody's terminal in the folder of a kept run is no service of it."""
    run = dead_run(folder)
    look_around = f"cd {run} && echo $$ && exec sleep 60"
    spawn = "import pty, sys; pty.spawn(sys.argv[1:])"
    terminal = start(sys.executable, "-c", spawn, "sh", "-c", look_around, stdin=PIPE, stdout=PIPE)
    assert terminal.stdout is not None
    shell = int(terminal.stdout.readline())

    assert sweep() == [run.name]
    assert lives(shell)
    os.kill(shell, signal.SIGKILL)


def test_only_dead_runs_are_swept(folder: Path) -> None:
    """A living owner's run, a folder that is no run's, a file and a link stay where they are."""
    dead = dead_run(folder)
    half_made = folder / "20260301-120001-abcdef"
    half_made.mkdir()
    foreign = folder / "notes"
    foreign.mkdir()
    (foreign / "mine.txt").touch()
    (folder / "lock").touch()
    (folder / "link").symlink_to(foreign)

    with Run("a-run") as run:
        assert leftovers() == [dead, half_made]
        assert sweep() == [dead.name, half_made.name]
        assert run.folder.exists()

    assert (foreign / "mine.txt").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["link", "lock", "notes"]


def test_a_process_id_used_again_is_another_process(folder: Path) -> None:
    """The owner is known by when it started, too."""
    again = dead_run(folder, pid=os.getpid(), started="1")
    alive = dead_run(folder, "20260301-120002-abcdef", pid=os.getpid(), started=runs._start_time(os.getpid()))

    assert leftovers() == [again]
    assert alive.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": -1, "started": "1"}', '{"pid": {}, "started": []}'])
def test_an_owner_that_cannot_be_read_is_dead(folder: Path, text: str) -> None:
    """What a killed run left half written does not stop a sweep."""
    run = dead_run(folder)
    (run / OWNER).write_text(text, encoding="utf-8")

    assert sweep() == [run.name]


def test_a_living_owner_may_have_any_name(folder: Path, start: Start) -> None:
    """The kernel cuts a program's name after fifteen bytes, even in the middle of a character."""
    name = "b" * 14 + "é"
    program = folder / name
    program.symlink_to("/bin/sleep")
    process = start(str(program), "60")
    wait_until(lambda: Path(f"/proc/{process.pid}/comm").read_bytes().startswith(b"bbb"), timeout=SECONDS)

    dead_run(folder, pid=process.pid, started=runs._start_time(process.pid))

    assert Path(f"/proc/{process.pid}/comm").read_bytes() == name.encode()[:15] + b"\n"
    assert leftovers() == []


@pytest.mark.parametrize("options", [(), ("keep",)], ids=["", "kept"])
def test_a_killed_run_is_reaped(owner: Owner, options: tuple[str, ...]) -> None:
    """SIGKILL leaves the run no time for anything: its reaper ends the service and removes the folder, kept or not."""
    process, run, service = owner(*options)
    assert lives(service)

    process.kill()

    wait_until(lambda: not run.exists() and not lives(service), timeout=SECONDS, what="the reaper")


def test_what_the_reaper_could_not_do_a_sweep_does(
    owner: Owner,
) -> None:
    """Reaper and owner killed together: the next run finds the rest."""
    process, run, service = owner()
    (reaper,) = asked_for(str(run))

    os.kill(reaper, signal.SIGKILL)
    process.kill()
    process.wait()

    assert run.exists()
    assert lives(service)
    assert sweep() == [run.name]
    assert not run.exists()
    assert not lives(service)


def test_two_runs_do_not_meet(folder: Path) -> None:
    """Each ends without the other's noticing; a name taken twice is refused."""
    with Run(new_run_id()) as one:
        with Run(new_run_id()) as other:
            assert one.folder != other.folder
            with pytest.raises(PlimsollError, match=r"cannot make .*: File exists"), Run(one.id):
                pass
        assert one.folder.exists()

    assert [path for path in folder.iterdir() if path.is_dir()] == []


def test_somebody_elses_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link prepared in a shared temporary directory is refused, and so is a directory that cannot be written."""
    other = tmp_path / "other"
    other.mkdir()
    (other / f"plimsoll-{os.geteuid()}").symlink_to(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(other))
    with pytest.raises(PlimsollError, match="belongs to somebody else"):
        runs_folder()

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no" / "such"))
    with pytest.raises(PlimsollError, match=r"cannot make .*: No such file or directory"):
        runs_folder()


def test_a_run_being_made_is_not_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a run's folder and its owner no other run looks: it waits."""
    seen: list[Future[list[Path]]] = []

    def meanwhile(pid: int, *, known: Callable[[int], str] = runs._start_time) -> str:
        if not seen:
            seen.append(others.submit(leftovers))
            with pytest.raises(TimeoutError):
                seen[0].result(timeout=0.1)
        return known(pid)

    with ThreadPoolExecutor(1) as others:
        monkeypatch.setattr(runs, "_start_time", meanwhile)
        with Run("a-run"):
            assert seen[0].result(timeout=SECONDS) == []
