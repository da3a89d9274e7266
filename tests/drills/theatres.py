"""A theatre for the tests of drills, with little data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.theatre import Stages
from plimsoll.model import Deployment

LITTLE = 0.05
"""A twentieth of the usual data: the drills are the same, and shorter."""


@contextmanager
def theatre_of(deployment: Deployment, folder: Path) -> Iterator[Theatre]:
    """Where the drills of that deployment take place, on processes."""
    stages = Stages("processes", deployment, workplace=folder / "work", journals=folder / "journals", scale=LITTLE)
    with stages, stages.of(deployment) as theatre:
        yield theatre
