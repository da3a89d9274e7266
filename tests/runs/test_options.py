"""What the command's options do, and what it says when it cannot start."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from plimsoll.deployment import find, read_deployment
from plimsoll.errors import StackFailed
from plimsoll.model import Outcome
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks.processes import programs
from plimsoll.stacks.processes import stack as processes
from plimsoll.stacks.processes.stack import ProcessesStack
from tests.disks import small_disk
from tests.probes.hostile import nobody, says_nothing, serving
from tests.runs.place import HOME, SMOKE, Place
from tests.runs.targets import Authority

KEPT, BROKEN, COULD_NOT_TELL, NOTHING_SELECTED = 0, 1, 2, 5
FEW = "NM-EP-01 or NM-HDR-01 or NM-TLS-01"
ON_PROCESSES = ("--stack", "processes")
TINY = "4m"
"""The size of a disk too small for a database."""


def test_a_run_that_has_no_place_says_so_and_nothing_else(place: Place) -> None:
    """Where temporary files go is somebody else's: words and a hint, no trace of our own modules."""
    place.temporary.mkdir(parents=True, exist_ok=True)
    place.runs.symlink_to(place.folder)

    ended = place.run(*ON_PROCESSES, "-k", FEW)

    assert ended.code == COULD_NOT_TELL
    assert "belongs to somebody else" in ended.output
    assert "Traceback" not in ended.output


def test_two_runs_at_once_do_not_collide(place: Place) -> None:
    """Both pass, each has its own report, and `latest` is one of them."""
    with ThreadPoolExecutor() as pool:
        both = [pool.submit(place.start(*ON_PROCESSES, "-k", FEW).ended) for _ in range(2)]
        ended = [run.result() for run in both]
    assert [run.code for run in ended] == [KEPT, KEPT], ended
    reports = {path.name for path in (place.folder / "reports").iterdir()}
    assert len(reports - {"latest"}) == 2
    assert (place.folder / "reports" / "latest").resolve().name in reports
    assert place.is_clean()


def test_strict_counts_what_is_out_of_reach(place: Place) -> None:
    """The same promises exit 0 without it."""
    some = (*ON_PROCESSES, "-k", "NM-EP-01 or NM-TLS-08")
    assert place.run(*some, reports="plain").code == KEPT
    strict = place.run(*some, "--strict", reports="strict")
    assert strict.code == COULD_NOT_TELL
    assert strict.outcomes == {"NM-EP-01": Outcome.PASS, "NM-TLS-08": Outcome.UNKNOWN}


def test_nothing_selected_is_no_success(place: Place) -> None:
    ended = place.run("-k", "nosuch")
    assert ended.code == NOTHING_SELECTED
    assert not ended.reports.exists()


def test_listing_the_tests_writes_no_report(place: Place) -> None:
    ended = place.run("--collect-only", "-q")
    assert (ended.code, "NM-HDR-04" in ended.output) == (KEPT, True)
    assert not ended.reports.exists()


def test_stopping_at_the_first_failure_leaves_the_rest_unknown(place: Place) -> None:
    """`-x` judges nothing after it, and the report says so of each promise."""
    with nobody() as empty:
        folder = Authority.new().deployment(place, "stops", port=empty.address[1], plain=empty.address[1])
        ended = place.run("--deployment", str(folder), "-x")
    first, *rest = ended.verdict.findings
    assert ended.code == COULD_NOT_TELL
    assert "connection refused" in first.message
    assert {finding.message for finding in rest} == {"not judged: the run stopped before"}


def test_a_report_that_cannot_be_written_is_an_error(place: Place) -> None:
    """A file lies where the folder should be: exit 2, and the reason in one line."""
    (place.folder / "reports").write_text("in the way", encoding="utf-8")
    with nobody() as empty:
        folder = Authority.new().deployment(place, "blocked", port=empty.address[1], plain=empty.address[1])
        ended = place.run("--deployment", str(folder))
    assert ended.code == COULD_NOT_TELL
    assert "the report cannot be written to" in ended.output
    assert "Traceback" not in ended.output


def test_a_missing_program_is_named_with_the_line_that_installs_it(place: Place) -> None:
    """A PATH on which no redis-server is."""
    bare = place.folder / "bin"
    bare.mkdir()
    ended = replace(place, environment={"PATH": str(bare)}).run(*ON_PROCESSES, "-k", FEW)
    assert ended.code == COULD_NOT_TELL
    assert "redis-server is not installed\nhint: apt-get install redis-server" in ended.output
    assert ended.calm


def test_a_full_disk_under_the_stack_is_told(place: Place) -> None:
    """Every promise is unknown because of it, and nothing is left on the disk."""
    with small_disk(place.temporary, TINY):
        ended = place.run(*ON_PROCESSES, "-k", FEW)
        assert place.is_clean()
    assert ended.code == COULD_NOT_TELL
    assert "No space left on device" in ended.output
    assert all("No space left on device" in finding.message for finding in ended.verdict.findings)
    assert ended.calm


def test_a_full_disk_under_the_report_is_told(place: Place) -> None:
    """A run that judged everything but cannot say so exits 2."""
    with small_disk(place.folder / "reports", "8k"), nobody() as empty:
        folder = Authority.new().deployment(place, "untold", port=empty.address[1], plain=empty.address[1])
        ended = place.run("--deployment", str(folder))
        assert not list(ended.reports.rglob("*.tmp"))
    assert ended.code == COULD_NOT_TELL
    assert "No space left on device" in ended.output
    assert "hint: free some space there and run again" in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(("index", "role"), [(0, "edge"), (2, "app"), (4, "postgres"), (5, "redis")])
def test_a_port_taken_meanwhile_is_named(monkeypatch: pytest.MonkeyPatch, index: int, role: str) -> None:
    """Between choice and start somebody else listens there: the service is named and its own words are shown."""
    nestmap = read_deployment(find("nestmap"))
    with serving(says_nothing) as stranger:

        def one_taken(count: int) -> list[int]:
            ports = programs.free_ports(count)
            ports[index] = stranger.address[1]
            return ports

        monkeypatch.setattr(processes, "free_ports", one_taken)
        with Run(new_run_id()) as run, pytest.raises(StackFailed) as failed:
            ProcessesStack(nestmap, run).__enter__()
    assert failed.value.fact.startswith(f"{role} ended with exit code")
    assert "address already in use" in failed.value.fact.lower()


def test_an_ordinary_user_runs_it(place: Place) -> None:
    """Nobody in particular, in a copy of the tree that is not theirs, with a home of their own."""
    if os.geteuid() != 0:
        pytest.skip("not run: this very run is an ordinary user's")
    user = pwd.getpwnam("nobody")
    become = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    if subprocess.run([*become, "test", "-x", sys.executable], capture_output=True, check=False).returncode:
        pytest.skip("not run: nobody else may use this Python")
    tree = place.folder / "tree"
    for part in ("plimsoll", "suites", "fixtures", "policies"):
        shutil.copytree(HOME / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("pyproject.toml", "conftest.py"):
        shutil.copy(HOME / part, tree)
    for folder in ("home", "tmp", "reports"):
        (place.folder / folder).mkdir()
        shutil.chown(place.folder / folder, user.pw_uid, user.pw_gid)
    home = str(place.folder / "home")
    theirs = replace(place, home=tree, environment={"HOME": home, "XDG_CACHE_HOME": f"{home}/cache"})
    ended = theirs.run(*ON_PROCESSES, "--reports", f"{place.folder}/reports", command=(*become, *SMOKE))
    assert ended.code == KEPT, ended.output
    assert not list((place.temporary / f"plimsoll-{user.pw_uid}").glob("*-*"))
