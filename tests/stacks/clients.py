"""Small clients of data services and web pages, for what stacks start."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from base64 import b64encode
from contextlib import closing
from typing import Protocol, cast

from pg8000.native import Connection

from plimsoll.stacks.protocol import Credentials, Endpoint, Stack, endpoint_of

SECONDS = 5.0


class Open(Stack, Credentials, Protocol):
    """A stack whose data services let us in."""


def trusting(endpoint: Endpoint, *, names: bool = True) -> ssl.SSLContext:
    """TLS that trusts nobody but the run's own authority."""
    context = ssl.create_default_context(cafile=endpoint.authority)
    context.check_hostname = names
    return context


def sql(stack: Open, role: str, statement: str, *, database: str) -> object:
    """The first value that a PostgreSQL service answers."""
    endpoint, (user, password) = endpoint_of(stack, role), stack.credentials(role)
    host, port = endpoint.address
    secure = trusting(endpoint, names=False) if endpoint.authority else None  # it is asked by its address
    with closing(
        Connection(user, host=host, port=port, password=password, database=database, ssl_context=secure)
    ) as connection:
        rows = connection.run(statement)
    return rows[0][0] if rows else None


def redis(stack: Open, role: str, command: str, *, known: bool = True) -> str:
    """The first line that a Redis service answers to an inline command, asked with its password or as a stranger."""
    endpoint = endpoint_of(stack, role)
    stream = socket.create_connection(endpoint.address, SECONDS)
    if endpoint.scheme == "rediss":
        stream = trusting(endpoint).wrap_socket(stream, server_hostname=endpoint.host)
    with stream, stream.makefile("rb") as answers:
        if known:
            stream.sendall(f"AUTH {stack.credentials(role)[1]}\r\n".encode())
            assert answers.readline().startswith(b"+OK")
        stream.sendall(f"{command}\r\n".encode())
        said = [answers.readline().decode().strip()]
        if said[0].startswith("*"):
            said += [answers.readline().decode().strip() for _ in range(2 * int(said[0][1:]))]
    return said[-1]


def page(
    endpoint: Endpoint, path: str, *, host: str = "", login: tuple[str, str] | None = None
) -> tuple[int, dict[str, object]]:
    """The status and the JSON that a GET gets, over verified TLS where that is spoken."""
    name = host or endpoint.host
    connection = http.client.HTTPConnection(name, endpoint.port)
    stream = socket.create_connection(endpoint.address, SECONDS)
    if endpoint.scheme == "https":
        stream = trusting(endpoint).wrap_socket(stream, server_hostname=name)
    connection.sock = stream
    headers = {"Authorization": f"Basic {b64encode(':'.join(login).encode()).decode()}"} if login else {}
    with closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    said = json.loads(body) if "json" in answer.headers.get("Content-Type", "") else {}
    return answer.status, cast(dict[str, object], said)
