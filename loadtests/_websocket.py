"""One WebSocket: opened, a text sent and the same waited for, closed (RFC 6455)."""

from __future__ import annotations

import ssl
from contextlib import suppress
from time import monotonic_ns

from gevent import socket
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import AcceptConnection, CloseConnection, Ping, RejectConnection, Request, TextMessage
from wsproto.utilities import ProtocolError, RemoteProtocolError

from loadtests._client import Answer, Client
from loadtests._connections import CHUNK, CUT, GARBAGE, SECOND, SWITCHING, TIMED_OUT
from loadtests._lobby import broken_by

WRONG_BODY = "wrong body"
SHOWN = 80
"""Characters of a wrong answer that are shown."""


class Echo:
    """One WebSocket of a client, from its opening to its end."""

    def __init__(self, client: Client, path: str, fields: list[tuple[str, str]], text: str) -> None:
        self._client, self._text = client, text
        self._protocol = WSConnection(ConnectionType.CLIENT)
        headers = [(name.encode(), value.encode()) for name, value in fields]
        host = client.target.named
        self._first = self._protocol.send(Request(host=host, target=path, extra_headers=headers))
        self._heard = ""
        self._whole = False
        self._status = 0

    def ask(self, source: str, seconds: float) -> Answer:
        """What became of it. Whatever the server does, nothing raises."""
        sent = monotonic_ns()
        trouble = detail = ""
        lobby = self._client.lobby
        self._client.under_way += 1
        lobby.open += 1
        try:
            self._converse(source, sent + int(seconds * SECOND))
            if self._status != SWITCHING:
                trouble = f"status {self._status}"
            elif self._heard != self._text:
                trouble, detail = WRONG_BODY, f"{self._heard[:SHOWN]!r} came back"
        except TimeoutError:
            trouble = TIMED_OUT
        except EOFError:
            trouble, detail = CUT, "closed without the echo"
        except ProtocolError as error:
            trouble, detail = GARBAGE, str(error)
        except OSError as error:
            broken = broken_by(error)
            trouble, detail = broken.trouble, broken.detail
        finally:
            lobby.open -= 1
            self._client.under_way -= 1
        return Answer(sent, monotonic_ns(), self._status, len(self._heard), trouble=trouble, detail=detail)

    def _converse(self, source: str, deadline: int) -> None:
        target = self._client.target
        address = (source, 0) if source else None
        with socket.create_connection(target.address, _left(deadline), source_address=address) as plain:
            context = self._client.lobby.context
            with context.wrap_socket(plain, server_hostname=target.host) if context else plain as sock:
                sock.sendall(self._first)
                while not self._over():
                    sock.settimeout(_left(deadline))
                    if not (data := sock.recv(CHUNK)):
                        raise EOFError
                    self._protocol.receive_data(data)
                    self._take(sock)

    def _over(self) -> bool:
        if self._status == SWITCHING:
            return self._whole or len(self._heard) > len(self._text)
        return bool(self._status)

    def _take(self, sock: socket.socket | ssl.SSLSocket) -> None:
        for event in self._protocol.events():
            match event:
                case AcceptConnection():
                    self._status = SWITCHING
                    sock.sendall(self._protocol.send(TextMessage(data=self._text)))
                case RejectConnection():
                    self._status = event.status_code
                case TextMessage():
                    self._heard += event.data
                    self._whole = event.message_finished
                    if self._over():
                        with suppress(OSError):  # the echo is there, whatever becomes of the good-bye
                            sock.sendall(self._protocol.send(CloseConnection(code=1000)))
                case Ping():
                    sock.sendall(self._protocol.send(event.response()))
                case CloseConnection():
                    if self._protocol.state is ConnectionState.OPEN:  # the parser's own word for what is no frame
                        raise RemoteProtocolError(event.reason or "no frame")
                    raise EOFError


def _left(deadline: int) -> float:
    """Seconds until the deadline. Raises TimeoutError once it has passed."""
    left = (deadline - monotonic_ns()) / SECOND
    if left <= 0:
        raise TimeoutError
    return left
