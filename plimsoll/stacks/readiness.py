"""Whether a stack serves: asked, never slept for."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Iterable

from plimsoll.errors import StackFailed
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import NotReady, wait_until

READY_SECONDS = 30.0
ANSWER_SECONDS = 2.0

SERVES = range(200, 500)
"""What a server answers that does what it will do; 5xx means not yet (RFC 9110, 15.6)."""


def until_ready(
    endpoints: Iterable[Endpoint],
    path: str,
    *,
    dead: Callable[[], str],
    last_words: Callable[[str], str],
    source: Callable[[], str] = str,
) -> None:
    """Every application replica says that it is ready, then the edge passes a request on to one.

    Whoever answers that there is no such endpoint will not say anything else later: that is for a rule to judge.

    `dead` says why waiting is in vain, `last_words` gives the end of a role's log, `source` the address to ask from.
    Raises StackFailed.
    """
    asked = sorted((e for e in endpoints if e.role in ("app", "edge")), key=lambda e: e.role)
    for endpoint in asked:
        try:
            wait_until(
                lambda endpoint=endpoint: dead() or status_of(endpoint, path, source=source()),  # type: ignore[misc] # binds this turn's endpoint
                lambda state: isinstance(state, int) and state in SERVES,
                error=lambda state: isinstance(state, str),
                timeout=READY_SECONDS,
                what=f"{endpoint.role} on port {endpoint.address[1]}",
            )
        except NotReady as error:
            if isinstance(error.last, str):
                raise StackFailed(error.last, hint="the service's own words say why") from error
            role = "app" if endpoint.role == "edge" and error.last is not None else endpoint.role
            raise StackFailed(f"{error}\n{last_words(role)}", hint="the service's own words say why") from error


def status_of(endpoint: Endpoint, path: str, *, source: str = "") -> int | None:
    """The status of a GET; None while nobody answers."""
    connection = http.client.HTTPConnection(endpoint.host, endpoint.port)
    try:
        stream = socket.create_connection(
            endpoint.address, ANSWER_SECONDS, source_address=(source, 0) if source else None
        )
        connection.sock = _encrypted(stream, endpoint) if endpoint.scheme == "https" else stream
        connection.request("GET", path, headers={"Host": endpoint.host, "Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _encrypted(stream: socket.socket, endpoint: Endpoint) -> ssl.SSLSocket:
    """Encryption without a look at the certificate: it may be wrong on purpose, and judging it is a probe's work."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(stream, server_hostname=endpoint.host)
