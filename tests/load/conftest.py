"""Tests of the generator run where Locust's own libraries are: beside them nothing is asked for."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
collect_ignore = [] if find_spec("gevent") else ["test_client.py", "test_journeys.py", "test_tallies.py"]
"""What imports gevent."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Locust they do not run, and say so. Nobody imports it here: each run of it is a process of its own."""
    if find_spec("locust") is None:
        mark = pytest.mark.skip(reason="not run: locust is not installed here (uv pip install --group load)")
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(mark)
