"""Whatever happens to a scanner is told; what it said before is not asked again; nothing half made is used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.observations.artefacts import Kind
from plimsoll.observations.artefacts.scans import State
from plimsoll.probes.scanners import environments, memory
from plimsoll.probes.scanners.checkov import DRIVER
from plimsoll.probes.scanners.desk import Desk
from plimsoll.probes.scanners.results import Result, Unread
from plimsoll.probes.scanners.scanner import Scanner, kinds
from plimsoll.probes.scanners.survey import scan
from tests.probes.scanner_files import named, results, source

SCRIPT = source("a.sh", "#!/bin/sh\ntrue\n")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of one's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "plimsoll"


def program(folder: Path, text: str) -> Scanner:
    """A scanner that is a script of ours; it reports each line that it prints of each file."""
    path = folder / "scanner.sh"
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo 1.2.3 && exit\necho x >> {folder}/asked\n{text}\n')
    path.chmod(0o755)

    def look(desk: Desk) -> Iterator[Result | Unread]:
        said = desk.run(*desk.files).out
        return (
            Result(path=row.split()[0], rule="r", message="m", line=int(row.split()[1])) for row in said.splitlines()
        )

    return Scanner(name="ours", program=str(path), look=look, knows=kinds(Kind.SCRIPT))


def asked(folder: Path) -> int:
    """How often it was really run."""
    file = folder / "asked"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_a_scanner_runs_once_for_what_does_not_change(tmp_path: Path) -> None:
    """The second time nothing is run; of two files only the one that changed is looked at again."""
    ours = program(tmp_path, 'for f in "$@"; do echo "$f 2"; done')
    other = source("b.sh", "#!/bin/sh\nfalse\n")

    first = scan(ours, (SCRIPT, other))
    second = scan(ours, (SCRIPT, other))
    third = scan(ours, (SCRIPT, replace(other, text="#!/bin/sh\n:\n")))

    assert results(first) == results(second) == results(third) == ["a.sh:2 r", "b.sh:2 r"]
    assert first.version == "1.2.3"
    assert asked(tmp_path) == 2


def test_another_version_is_asked_again(tmp_path: Path) -> None:
    """What an older program said is nothing that the newer one said."""
    scan(program(tmp_path, 'echo "$1 1"'), (SCRIPT,))
    newer = program(tmp_path, 'echo "$1 2"')
    newer_path = Path(newer.program)
    newer_path.write_text(newer_path.read_text().replace("1.2.3", "1.2.4"))

    assert results(scan(newer, (SCRIPT,))) == ["a.sh:2 r"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '[["a.sh", "r", "m", "dreadful", 1, ""]]', '[["a.sh"]]', "\x00"])
def test_a_spoilt_entry_is_none(tmp_path: Path, cache: Path, text: str) -> None:
    """Whatever became of what was kept, the scanner is asked again."""
    ours = program(tmp_path, 'echo "$1 2"')
    scan(ours, (SCRIPT,))
    for entry in (cache / "scans" / "ours").iterdir():
        entry.write_text(text)

    assert results(scan(ours, (SCRIPT,))) == ["a.sh:2 r"]
    assert asked(tmp_path) == 2


def test_entries_are_bounded(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go where there are too many."""
    monkeypatch.setattr(memory, "MOST", 3)
    ours = program(tmp_path, 'echo "$1 1"')
    for number in range(6):
        scan(ours, (replace(SCRIPT, text=f"#!/bin/sh\necho {number}\n"),))

    assert len(list((cache / "scans" / "ours").iterdir())) == 3


CRASHES = [
    ("exit 9", "ended with 9"),
    ("kill -SEGV $$", "was killed by signal 11"),
    ("echo Segmentation fault >&2; exit 3", "Segmentation fault"),
    ("echo nonsense", "was not understood"),
    ("echo elsewhere.sh 1", "speaks of a file that it was not given"),
    ("sleep 60", "took longer than 0.5 s"),
]


@pytest.mark.parametrize(("text", "trouble"), CRASHES)
def test_a_crash_is_told(tmp_path: Path, text: str, trouble: str) -> None:
    """An odd end, garbage or no end at all: the scanner said nothing, and why is told. Nothing of it is kept."""
    ours = program(tmp_path, text)

    said = scan(ours, (SCRIPT,), deadline=0.5)

    assert said.state is State.CRASHED
    assert trouble in said.trouble
    assert scan(ours, (SCRIPT,), deadline=0.5).state is State.CRASHED
    assert asked(tmp_path) == 2


def test_a_missing_program_is_told() -> None:
    """A program that this machine lacks, and the line that installs it."""
    lacking = replace(named("nginx"), program="no-such-nginx")

    said = scan(lacking, (source("nginx.conf", "events {}\n"),))

    assert (said.state, said.hint) == (State.MISSING, "apt-get install nginx-light")


def test_nothing_is_installed_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing may be installed, scanners that are not there are missing, with the line that installs them."""
    monkeypatch.setenv(environments.OFFLINE, "1")

    said = scan(named("hadolint"), (source("Dockerfile", "FROM a:1\n"),))

    assert said.state is State.MISSING
    assert environments.INSTALL in said.hint


def test_an_index_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that could not be made is missing; a half made one is not used, and nobody tries again."""
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", os.environ["XDG_CACHE_HOME"])
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setattr(environments, "_failed", {})

    first, second = (scan(named("hadolint"), (source("Dockerfile", "FROM a:1\n"),)) for _ in range(2))

    assert first.state is second.state is State.MISSING
    assert first.trouble.startswith("could not be installed: ")
    assert not environments.is_ready("tools")


def test_pins_are_complete() -> None:
    """Every package that an environment is made for is pinned, with hashes."""
    for home in environments.names():
        assert set(environments.wanted(home)) <= set(environments.pins(home))
        text = (DRIVER.parent / f"{home}.txt").read_text()
        assert text.count("==") <= text.count("--hash=sha256:")
        assert "://" not in text
