"""Where connections wait until they are needed: those to one target, and the deadlines of what is asked over them."""

from __future__ import annotations

import errno
import ssl
from collections import deque
from collections.abc import Hashable
from time import monotonic_ns

from gevent import socket
from gevent.hub import get_hub

from loadtests._connections import CUT, DNS, EXHAUSTED, REFUSED, SECOND, TIMED_OUT, TLS, Broken, Connection
from loadtests._target import tls
from loadtests._tls import TlsConnection
from plimsoll.observations.load import Target

SWEEP_SECONDS = 0.02
"""How late a deadline may be noticed."""

OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})
"""Errors that say that this machine has no more to connect with."""

IP_BIND_ADDRESS_NO_PORT = 24
"""ip(7): the port is chosen when the target is known, so that the same one serves several targets."""


class Lobby:
    """The connections to one target: those that are idle by their owners, and the deadlines of the others."""

    def __init__(self, target: Target, *, seconds: float) -> None:
        self.target = target
        self.seconds = seconds
        self.open = self.opened = self.most = 0
        self.context = tls(target)
        self._idle: dict[Hashable, list[Connection]] = {}
        self._deadlines: deque[tuple[int, int, Connection]] = deque()
        self._sweeper = get_hub().loop.timer(SWEEP_SECONDS, SWEEP_SECONDS)
        self._sweeper.start(self._sweep)

    def idle(self, owner: Hashable) -> Connection | None:
        """An open connection of that owner's, the one used last."""
        waiting = self._idle.get(owner)
        while waiting:
            connection = waiting.pop()
            if not connection.closed:
                return connection
        return None

    def give_back(self, connection: Connection) -> None:
        """The connection may be used again, or is closed."""
        if connection.reusable and not connection.closed:
            self._idle.setdefault(connection.owner, []).append(connection)
        else:
            connection.close()

    def connect(self, source: str, deadline: int, owner: Hashable = "") -> Connection:
        """A new connection from that address. Raises Broken."""
        left = max((deadline - monotonic_ns()) / SECOND, 0.001)
        address = self.target.address
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            raise Broken(EXHAUSTED, str(error)) from None
        connected = False
        self.open += 1
        self.opened += 1
        self.most = max(self.most, self.open)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(left)
            if source:
                sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
                sock.bind((source, 0))
            sock.connect(address)
            if self.context is None:
                connection = Connection(self, sock, owner)
            else:
                connection = secure = TlsConnection(self, sock, owner, self.context, self.target.host)
                secure.shake_hands()
            connection.watch()
        except OSError as error:
            raise broken_by(error) from None
        else:
            connected = True
            return connection
        finally:
            if not connected:  # also when somebody ends the greenlet
                sock.close()
                self.left()

    def left(self) -> None:
        """One connection fewer."""
        self.open -= 1

    def watch(self, deadline: int, connection: Connection) -> None:
        """The exchange under way on the connection ends at that moment at the latest."""
        self._deadlines.append((deadline, connection.serial, connection))

    def _sweep(self) -> None:
        deadlines, moment = self._deadlines, monotonic_ns()
        while deadlines and deadlines[0][0] <= moment:
            _, serial, connection = deadlines.popleft()
            connection.expire(serial)

    def oldest(self, now: int) -> int:
        """When the oldest exchange under way was begun; now, if there is none."""
        patience = int(self.seconds * SECOND)
        for deadline, serial, connection in self._deadlines:
            if connection.asks(serial):
                return deadline - patience
        return now

    def close(self) -> None:
        """Idle connections are closed, and no deadline is watched any more."""
        self._sweeper.stop()
        for waiting in self._idle.values():
            for connection in waiting:
                connection.close()
        self._idle.clear()


def broken_by(error: OSError) -> Broken:
    """A connection that did not come about, by what its error says."""
    if isinstance(error, TimeoutError):
        return Broken(TIMED_OUT, "no connection")
    if isinstance(error, ssl.SSLError):
        return Broken(TLS, getattr(error, "verify_message", "") or error.reason or str(error))
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return Broken(CUT, "closed while connecting")
    if isinstance(error, socket.gaierror):
        return Broken(DNS, error.strerror or str(error))
    trouble = EXHAUSTED if error.errno in OURS else REFUSED
    return Broken(trouble, error.strerror or str(error))
