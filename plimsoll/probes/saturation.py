"""What a deployment's services use while something goes on: read every second, as the kernel and the database say."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, suppress
from typing import Self

from plimsoll.errors import PlimsollError
from plimsoll.model import Deployment
from plimsoll.observations.load import Reading
from plimsoll.probes.database import Sql, connected
from plimsoll.stacks.materials import main_database
from plimsoll.stacks.metered import Metered, Usage
from plimsoll.stacks.protocol import Stack
from plimsoll.wait import SYSTEM_CLOCK, pause

EVERY = 1.0
"""Seconds between two readings."""

CPU, MEMORY, CONNECTIONS = "cpu", "memory", "connections"
CLIENTS = """
SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"""


class Meter:
    """Reads while it is entered. What cannot be read leaves no readings, which is never taken for little use."""

    def __init__(self, stack: Stack, deployment: Deployment) -> None:
        self.readings: list[Reading] = []
        self._stack, self._deployment = stack, deployment
        self._over = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = SYSTEM_CLOCK.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        self._thread.join()

    def _read(self) -> None:
        with ExitStack() as closing:
            database = main_database(self._deployment)
            sql: Sql | None = None
            if database is not None:
                with suppress(PlimsollError):
                    sql = closing.enter_context(connected(self._stack, self._deployment, role=database.role))
            before: dict[str, tuple[float, Usage]] = {}
            while not self._over:
                pause(EVERY)
                with suppress(PlimsollError):  # a service that is away has no readings meanwhile
                    if isinstance(self._stack, Metered):
                        self._used(self._stack, before)
                    if sql is not None and database is not None:
                        self._connections(sql, database.role)

    def _used(self, stack: Metered, before: dict[str, tuple[float, Usage]]) -> None:
        for role, usage in stack.usage().items():
            now = SYSTEM_CLOCK.monotonic()
            at = now - self._began
            self.readings.append(Reading(at=at, role=role, what=MEMORY, value=float(usage.memory), limit=usage.most))
            if role in before and usage.cpu >= before[role][1].cpu:
                then, known = before[role]
                value = (usage.cpu - known.cpu) / (now - then)
                self.readings.append(
                    Reading(at=at, role=role, what=CPU, value=value, limit=usage.cpus or float(os.cpu_count() or 1))
                )
            before[role] = now, usage

    def _connections(self, sql: Sql, role: str) -> None:
        ((clients, most),) = sql.run(CLIENTS)
        at = SYSTEM_CLOCK.monotonic() - self._began
        self.readings.append(
            Reading(at=at, role=role, what=CONNECTIONS, value=float(str(clients)), limit=float(str(most)))
        )
