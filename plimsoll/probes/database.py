"""A connection to a PostgreSQL service of a stack, as the user that its applications have."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, cast

from plimsoll.errors import CouldNotLook, OutOfReach
from plimsoll.model import Deployment
from plimsoll.stacks.protocol import Credentials, Endpoint, Stack, endpoint_of

SECONDS = 60.0
"""Seconds that one statement may take: a checksum of some gigabytes."""

DEFAULT = "app"
"""The database of a service that names none, as the stacks make it."""


class Sql(Protocol):
    """A connection that runs statements, with `:name` where a parameter goes."""

    def run(self, statement: str, **parameters: object) -> list[list[object]]:
        """The rows that a statement answers with. Raises CouldNotLook."""


class _Connection:
    def __init__(self, endpoint: Endpoint, account: tuple[str, str], database: str, seconds: float) -> None:
        from pg8000 import exceptions, native  # noqa: PLC0415 - only who asks a database needs a client

        user, password = account
        host, port = endpoint.address
        self._errors = (exceptions.DatabaseError, exceptions.InterfaceError, OSError)
        self._where = endpoint.role
        try:
            self._connection = native.Connection(
                user,
                host=host,
                port=port,
                password=password,
                database=database,
                timeout=seconds,
                ssl_context=_trust(endpoint),
            )
        except self._errors as error:
            raise CouldNotLook(f"{endpoint.role} lets nobody into {database}: {_said(error)}") from error

    def run(self, statement: str, **parameters: object) -> list[list[object]]:
        try:
            return cast(list[list[object]], self._connection.run(statement, **parameters) or [])
        except self._errors as error:
            raise CouldNotLook(f"{self._where} does not answer {statement[:60]!r}: {_said(error)}") from error

    def close(self) -> None:
        with suppress(*self._errors):
            self._connection.close()


@contextmanager
def connected(
    stack: Stack, deployment: Deployment, *, role: str = "postgres", database: str = "", seconds: float = SECONDS
) -> Iterator[Sql]:
    """A connection to that database of a role, or to the applications' own. Raises CouldNotLook."""
    if not isinstance(stack, Credentials):
        raise OutOfReach(f"nobody logs in to {role} on a {stack.kind} stack")
    name = database or database_of(deployment, role)
    connection = _Connection(endpoint_of(stack, role), stack.credentials(role), name, seconds)
    try:
        yield connection
    finally:
        connection.close()


def database_of(deployment: Deployment, role: str = "postgres") -> str:
    """The database that the applications use; one that follows another has the other's."""
    service = deployment.services.get(role)
    while service is not None and (leader := service.settings.get("follows")):
        service = deployment.services.get(leader)
    if service is None or service.recipe != "postgres":
        raise OutOfReach(f"this deployment has no database {role}")
    return service.settings.get("database", DEFAULT)


def _trust(endpoint: Endpoint) -> ssl.SSLContext | None:
    """What a client trusts that asks the server by its address: the run's authority, whatever the name."""
    if endpoint.authority is None:
        return None
    context = ssl.create_default_context(cafile=endpoint.authority)
    context.check_hostname = False
    return context


def _said(error: Exception) -> str:
    """What PostgreSQL says of an error: its message (M) without the other fields."""
    fields = error.args[0] if error.args else ""
    return str(fields.get("M", fields) if isinstance(fields, dict) else fields or type(error).__name__)
