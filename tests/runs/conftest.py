"""Where whole runs happen."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runs.place import SWEEP, Place


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        yield made


@contextmanager
def a_place() -> Iterator[Place]:
    """A place whose runs are gone afterwards, whatever a test did to them. Servers that run as nobody can enter it."""
    folder = Path(tempfile.mkdtemp(prefix="plimsoll-test-"))
    folder.chmod(0o755)
    made = Place(folder=folder)
    try:
        yield made
    finally:
        made.run("--kept", command=SWEEP, reports="final-sweep")
        shutil.rmtree(folder)
