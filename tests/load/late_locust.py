"""Locust with workers that are set up late, as on a busy machine: the master has told them to begin long before."""

from __future__ import annotations

import gevent
from locust.event import EventHook
from locust.main import main
from locust.runners import WorkerRunner

LATE = 1.5
"""Seconds; a worker of which nothing is heard for three is missing to Locust."""

fire = EventHook.fire


def fire_late(self: EventHook, **told: object) -> None:
    """As before, but what a worker is set up by."""
    if "web_ui" in told and isinstance(told["runner"], WorkerRunner):
        gevent.sleep(LATE)
    fire(self, **told)


EventHook.fire = fire_late
main()
