"""Connections through TLS, whose records are made and read in memory: gevent's loop sees the socket alone."""

from __future__ import annotations

import ssl
from collections.abc import Hashable

from gevent import socket

from loadtests._connections import CHUNK, TLS, Connection, Watching


class TlsConnection(Connection):
    """A connection through TLS, whose records are made and read in memory."""

    __slots__ = ("_incoming", "_outgoing", "_tls")

    def __init__(
        self, lobby: Watching, sock: socket.socket, owner: Hashable, context: ssl.SSLContext, host: str
    ) -> None:
        super().__init__(lobby, sock, owner)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    def shake_hands(self) -> None:
        """Both sides speak TLS. Raises OSError; the socket has a time-out."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._socket.sendall(self._outgoing.read())
                data = self._socket.recv(CHUNK)
                self._incoming.write(data) if data else self._incoming.write_eof()
            else:
                if out := self._outgoing.read():
                    self._socket.sendall(out)
                return

    def send(self, data: bytes) -> bool:
        """As without TLS."""
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            self._end(TLS, str(error))
            return False
        return super().send(self._outgoing.read())

    def receive(self) -> bytes:
        """As without TLS; an end without a word of TLS is an end, too: what it cuts is told by lengths."""
        data = self._raw.recv(CHUNK)
        self._incoming.write(data) if data else self._incoming.write_eof()
        found = b""
        try:
            found = self._tls.read(CHUNK)
            while self._incoming.pending or self._tls.pending():  # else the next one would be an exception
                found += self._tls.read(CHUNK)
        except ssl.SSLWantReadError:
            if not found:
                raise
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass  # what was found is read first: the socket stays readable, and its end is found once more
        return found
