"""One WebSocket through the edge: opened, one text sent, the same text awaited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import h11
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from plimsoll.errors import BadInput
from plimsoll.observations import WebSocketEcho
from plimsoll.probes.connection import Connection, Trouble, host_header, reason_of
from plimsoll.stacks.protocol import Endpoint

DEADLINE = 10.0
"""Seconds for everything, the per-probe deadline of the smoke run."""

WORDS = "plimsoll: are you there?"
"""The text to come back; nothing secret, nothing a server would say of its own accord."""

SIZE_LIMIT = 1024 * 1024
"""Bytes that a server may send before the echo: no greeting is as long."""

SWITCHING_PROTOCOLS = 101


@dataclass(slots=True)
class Progress:
    """How far the exchange got."""

    status: int | None = None
    echoed: bool = False
    text: str = ""


def echo(endpoint: Endpoint, path: str, *, deadline: float = DEADLINE, source: str = "") -> WebSocketEcho:
    """Whether the endpoint opens a WebSocket at `path` and sends back what it is sent. No server makes it raise."""
    progress, trouble = Progress(), ""
    try:
        with Connection(endpoint, seconds=deadline, source=source) as connection:
            _talk(connection, Request(host=host_header(endpoint), target=path), progress)
    except Trouble as error:
        trouble = error.fact
    return WebSocketEcho(
        url=endpoint.url(path),
        status=progress.status,
        accepted=progress.status == SWITCHING_PROTOCOLS,
        echoed=progress.echoed,
        trouble=trouble,
        seen_at=datetime.now(UTC),
    )


def _talk(connection: Connection, request: Request, progress: Progress) -> None:
    """The upgrade, the text and the farewell. Raises Trouble; `progress` keeps what was reached before."""
    socket, came = WSConnection(ConnectionType.CLIENT), 0
    try:
        opening = socket.send(request)
    except (h11.LocalProtocolError, UnicodeError) as error:
        raise BadInput(f"no WebSocket can be asked for at {request.target!r}: {error}") from error
    try:
        connection.send(opening)
        while came <= SIZE_LIMIT:
            data = connection.receive()
            came += len(data)
            if not data:
                raise Trouble(f"{connection.where} closed the connection before the echo ({came} bytes came)")
            socket.receive_data(data)
            for event in socket.events():
                connection.send(_answer(socket, event, progress))
            if progress.echoed or progress.status not in {None, SWITCHING_PROTOCOLS}:
                return
    except TimeoutError as error:
        what = "echo" if progress.status else "answer to the upgrade"
        raise Trouble(f"no {what} within {connection.seconds:.3g} s ({came} bytes came)") from error
    except (ProtocolError, UnicodeError) as error:
        raise Trouble(f"not a WebSocket: {error}") from error
    except OSError as error:
        raise Trouble(f"the WebSocket broke off: {reason_of(error)}") from error
    raise Trouble(f"no echo in the first {SIZE_LIMIT} bytes")


def _answer(socket: WSConnection, event: Event, progress: Progress) -> bytes:
    """What is sent upon an event."""
    match event:
        case AcceptConnection():
            progress.status = SWITCHING_PROTOCOLS
            return socket.send(TextMessage(data=WORDS))
        case RejectConnection():
            progress.status = event.status_code
        case TextMessage():
            progress.text += event.data
            if event.message_finished:
                progress.echoed = progress.echoed or progress.text == WORDS
                progress.text = ""
            if progress.echoed:
                return socket.send(CloseConnection(code=1000))
        case Ping():
            return socket.send(event.response())
        case CloseConnection():
            raise Trouble(f"the server closed the WebSocket: {event.code} {event.reason or ''}".rstrip())
    return b""
