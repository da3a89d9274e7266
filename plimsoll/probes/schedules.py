"""The schedules of a deployment, read from its files as they are now."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from plimsoll.artefacts.observe import observe
from plimsoll.model import Deployment
from plimsoll.observations.artefacts import Schedules
from plimsoll.probes.files import folder


def scheduled(deployment: Deployment, root: Path) -> Schedules:
    """What the crontabs and timers in that folder run; no lines where there are none."""
    seen = observe(Schedules, folder.sources(root, folder.declared(deployment)), datetime.now(UTC))
    assert isinstance(seen, Schedules)  # noqa: S101 - that is what was asked for
    return seen
