"""Drills end well however they are ended, and refuse what is not theirs."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.wait import pause, wait_until
from tests.runs.place import DRILL, Place, Running

SOON = 20.0
"""Seconds within which nothing is left of a drill: it has a stack, an object store and an operator's commands."""

COULD_NOT_TELL = 2
ONE = ("--stack", "processes", "-k", "DRILL-DUMP-ROWS")
"""The dump drill alone, on processes."""

WHOLE_SECONDS = 12.0
"""About how long that takes."""


def journals(run: Running) -> list[Path]:
    """The journals that a run has begun."""
    return sorted({path.resolve() for path in run.reports.glob("*/drills/*.jsonl")})  # the latest run has two names


def lines_of(journal: Path) -> Iterator[dict[str, object]]:
    """The lines of a journal; the last may have been cut off."""
    *whole, _ = journal.read_text(encoding="utf-8").split("\n")
    return (json.loads(line) for line in whole)


def harmed(run: Running) -> bool:
    """Whether the drill has written down that it is about to destroy something."""
    return any('"destructive": true' in journal.read_text(encoding="utf-8") for journal in journals(run))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_drill_killed_at_any_moment_leaves_its_evidence_and_nothing_else(place: Place, seed: int) -> None:
    """SIGKILL at a random moment: processes and folders are gone soon, and the journal tells how far the drill was."""
    run = place.start(*ONE, command=DRILL)
    try:
        wait_until(lambda: journals(run), timeout=60, what="a journal")
        pause(random.Random(seed).uniform(0, WHOLE_SECONDS))  # noqa: S311 - a moment, no secret
    finally:
        run.kill()
    wait_until(place.is_clean, timeout=SOON, what="an empty runs folder")
    (journal,) = journals(run)
    first, *_ = lines_of(journal)
    assert first["drill"] == "dump"


def test_a_drill_killed_after_it_destroyed_says_so(place: Place) -> None:
    """What is destroyed is written down before, so whoever finds a killed drill knows what it had begun."""
    run = place.start(*ONE, command=DRILL)
    try:
        wait_until(lambda: harmed(run) or run.process.poll() is not None, timeout=90, what="the disaster")
    finally:
        run.kill()
    wait_until(place.is_clean, timeout=SOON, what="an empty runs folder")
    (journal,) = journals(run)
    said = [line["entry"] for line in lines_of(journal) if "entry" in line]
    assert any("is lost with all its data" in str(entry) for entry in said)


def test_a_live_deployment_is_refused(place: Place) -> None:
    """A drill against what runs live ends at once with the reason, and asks nobody anything."""
    ended = place.run("--deployment", "nestmap", "--url", "https://127.0.0.1:1", command=DRILL)
    assert ended.code == COULD_NOT_TELL
    assert "drills would destroy its data" in " ".join(ended.output.split())
    assert "--destroy nestmap" in ended.output


def test_consent_alone_makes_no_host_ours(place: Place) -> None:
    """With its name repeated the deployment may be destroyed; only, nobody here can act as its host's operator."""
    ended = place.run("--deployment", "nestmap", "--url", "https://127.0.0.1:1", "--destroy", "nestmap", command=DRILL)
    assert ended.code == COULD_NOT_TELL
    assert "a host that they started" in " ".join(ended.output.split())
