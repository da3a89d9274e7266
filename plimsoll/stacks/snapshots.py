"""The data of a running stack put back to what it was, without starting anything again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

from plimsoll.errors import OutOfReach
from plimsoll.stacks.endpoints import Directory
from plimsoll.stacks.materials import main_database
from plimsoll.wait import wait_until

LEAVE_SECONDS = 5.0
"""Seconds the connections to a database get to end once they were told to."""

MAINTENANCE = "postgres"
"""The database to be in while another one is replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who may replace a stack's database, and where it is."""

    address: tuple[str, int]
    user: str
    password: str
    database: str

    @classmethod
    def of(cls, directory: Directory) -> Self:
        """The account of the database that the stack's applications use. Raises OutOfReach when there is none."""
        known = directory.surroundings
        service = main_database(known.deployment)
        if service is None:
            raise OutOfReach("this deployment has no database to put back")
        return cls(
            address=directory.addresses[service.role][0][service.ports[0]],
            user=service.settings.get("user", "app"),
            password=known.materials.passwords[service.role],
            database=service.settings.get("database", "app"),
        )


class Snapshot:
    """Two copies of the application's database in its own cluster: one never changes, one is ready to take its place.

    Copying takes most of the time and happens between restores, in the one thread that talks to PostgreSQL. The
    application's pools connect again by themselves. `forget` empties what else the stack remembers.
    """

    def __init__(self, account: Account, *, forget: Callable[[], None]) -> None:
        from pg8000.native import Connection  # noqa: PLC0415 - only who takes snapshots needs a client

        host, port = account.address
        self._connection = Connection(
            account.user, host=host, port=port, password=account.password, database=MAINTENANCE
        )
        self._forget = forget
        self._live = account.database
        self._kept, self._spare, self._used = (f"{self._live}_{name}" for name in ("kept", "spare", "used"))
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(self._copy, self._kept, self._live).result()
        self._ready: Future[None] = self._thread.submit(self._copy, self._spare, self._kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.shutdown()
        self._connection.close()

    def restore(self) -> None:
        """The database holds what it held when the snapshot was taken, and caches and counters are empty."""
        self._ready.result()
        self._thread.submit(self._swap).result()
        self._ready = self._thread.submit(self._renew)
        self._forget()

    def _swap(self) -> None:
        """The spare copy is the database now."""
        self._leave(self._live)
        self._connection.run(f'ALTER DATABASE "{self._live}" RENAME TO "{self._used}"')
        self._connection.run(f'ALTER DATABASE "{self._spare}" RENAME TO "{self._live}"')

    def _renew(self) -> None:
        """A spare copy is there again, the used database is gone."""
        self._connection.run(f'DROP DATABASE "{self._used}"')
        self._copy(self._spare, self._kept)

    def _copy(self, name: str, original: str) -> None:
        """A new database like the original, which loses its connections for it."""
        self._leave(original)
        self._connection.run(f'CREATE DATABASE "{name}" TEMPLATE "{original}" STRATEGY wal_log')  # no checkpoints
        self._connection.run(f'ALTER DATABASE "{original}" ALLOW_CONNECTIONS true')

    def _leave(self, database: str) -> None:
        """Nobody is connected to the database, and nobody can connect."""
        ask = self._connection.run
        ask(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name", name=database)
        wait_until(
            lambda: ask("SELECT pid FROM pg_stat_activity WHERE datname = :name", name=database),
            lambda left: not left,
            timeout=LEAVE_SECONDS,
            what=f"the end of every connection to {database}",
        )
