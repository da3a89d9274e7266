"""Slow and idle clients, side by side: how long the server bears with each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from plimsoll.errors import BadInput
from plimsoll.observations import Patience, SlowClients
from plimsoll.probes.connection import Closed, Connection, Trouble, host_header, reason_of
from plimsoll.probes.wire import BODY_LIMIT, Client
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import Deadline, NotReady, pause, wait_until

TRICKLE = 0.25
"""Seconds between two bytes of a slow header: far below any idle limit, so that only a limit on the whole helps."""

POKE = 0.1
"""Seconds between two blank lines sent by a reader who reads nothing: they tell when the server has gone."""

SETTLING = 0.1
"""Seconds after which every slow client is in place, and the prompt one is sent."""

TINY_BUFFER = 4096
"""Bytes of receive buffer of a reader who reads nothing (Linux gives at least 2304, twice what is asked)."""

BUFFERS = 16 * 1024 * 1024
"""Bytes that may lie in buffers on the way (Linux, tcp_wmem and tcp_rmem, on both sides): less proves nothing."""

DRAIN = 10.0
"""Seconds to read what is left of a download."""

DRAIN_LIMIT = 128 * 1024 * 1024

UPLOAD = 1024
"""Bytes that a slow body announces: below any body limit."""

TIMED_OUT = re.compile(rb"HTTP/1\.\d 408")
NOTED = 256
"""Bytes of an early answer that are kept."""

BLANK_LINE = b"\r\n"
"""What a server ignores between requests (RFC 9112, 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """What every slow client needs to know."""

    endpoint: Endpoint
    limit: float
    source: str
    path: str
    download: str

    @property
    def host(self) -> str:
        """The Host header of every request."""
        return host_header(self.endpoint)

    @property
    def client(self) -> Client:
        """A prompt client from the same address."""
        return Client(self.endpoint, source=self.source, deadline=self.limit)


def slow_clients(
    endpoint: Endpoint,
    *,
    methods: frozenset[str],
    kinds: Collection[str] = ("headers", "body", "idle", "reader"),
    limit: float,
    source: str = "",
    path: str = "/",
    download: str = "",
) -> SlowClients:
    """How long the server bears with each kind, for at most `limit` seconds, and whether it served a prompt client too.

    The body is tried only where POST is allowed, the reader only with a `download`. Raises CouldNotLook if a slow
    client cannot even connect.
    """
    unknown = set(kinds) - KINDS.keys()
    if unknown:
        raise BadInput(f"no slow client is called {', '.join(sorted(unknown))}", hint=f"known: {', '.join(KINDS)}")
    left_out = ({"body"} if "POST" not in methods else set()) | ({"reader"} if not download else set())
    tried = [kind for kind in kinds if kind not in left_out]
    slow = Slow(endpoint=endpoint, limit=limit, source=source, path=path, download=download)
    with ThreadPoolExecutor(max(len(tried), 1)) as pool:
        cuts = [pool.submit(KINDS[kind], slow) for kind in tried]
        pause(min(SETTLING, limit / 2))
        control = slow.client.exchange("control", "GET", path)
    return SlowClients(
        cuts=tuple(cut.result() for cut in cuts),
        control=control.status is not None,
        seen_at=datetime.now(UTC),
    )


def _headers(slow: Slow) -> Patience:
    """A header that never ends, byte by byte."""
    return _unfinished("headers", slow, f"GET {slow.path} HTTP/1.1\r\nHost: {slow.host}\r\nX-Slow: ", more=b"a")


def _body(slow: Slow) -> Patience:
    """A body of which one byte comes."""
    beginning = f"POST {slow.path} HTTP/1.1\r\nHost: {slow.host}\r\nContent-Length: {UPLOAD}\r\n\r\na"
    return _unfinished("body", slow, beginning)


def _unfinished(kind: str, slow: Slow, beginning: str, *, more: bytes = b"") -> Patience:
    """A request begun and never finished."""
    with Connection(slow.endpoint, seconds=slow.limit, source=slow.source) as connection:
        try:
            connection.send(beginning.encode("ascii"))
        except OSError as error:
            raise Trouble(f"a slow client could not even begin: {reason_of(error)}") from error
        return _held(kind, connection, slow.limit, more=more)


def _idle(slow: Slow) -> Patience:
    """A connection kept open after a complete answer."""
    client = slow.client
    with client.connect() as connection:
        connection.converse(client.request("GET", slow.path, keep=True), body_limit=BODY_LIMIT)
        if not connection.reusable:
            return Patience(kind="idle", seconds=0.0, waited=0.0, detail="no connection is kept open after an answer")
        return _held("idle", connection, slow.limit)


def _reader(slow: Slow) -> Patience:
    """A download of which nothing is read.

    Two of them, as a full window hides the server's farewell: one is poked until that fails, which tells the time; the
    other is read in the end, which tells whether anything was missing.
    """
    client = slow.client
    request = client.request("GET", slow.download, keep=True)
    with client.connect(receive_buffer=TINY_BUFFER) as poked, client.connect(receive_buffer=TINY_BUFFER) as witness:
        whole = Deadline.after(slow.limit)
        poked.ask(request)
        witness.ask(request)
        gone = _goes(poked, slow.limit)
        waited = slow.limit - whole.left
        pause(SETTLING)
        witness.renew(DRAIN)
        try:
            _, body = witness.answer(body_limit=DRAIN_LIMIT)
        except Closed as closed:
            detail = closed.fact if gone else f"at some time before: {closed.fact}"
            return Patience(kind="reader", seconds=waited, waited=waited, detail=detail, conclusive=gone)
        except Trouble as trouble:
            return Patience(kind="reader", seconds=None, waited=waited, detail=trouble.fact)
    enough = len(body) >= BUFFERS
    detail = f"all {len(body)} bytes came once they were read" + ("" if enough else ", and may have waited in buffers")
    return Patience(kind="reader", seconds=None, waited=waited, detail=detail, conclusive=enough)


def _goes(poked: Connection, limit: float) -> bool:
    """Whether the server was gone within the limit: a blank line could not be sent to it any more."""
    try:
        wait_until(lambda: _heard(poked, POKE, more=BLANK_LINE, listen=False) == b"", timeout=limit, what="the cut")
    except NotReady:
        return False
    return True


def _held(kind: str, connection: Connection, limit: float, *, more: bytes = b"") -> Patience:
    """How long until the connection ended or a 408 came; any other answer is noted, and the end still awaited."""
    whole, said, cut = Deadline.after(limit), b"", False
    while not (cut or whole.passed):
        came = _heard(connection, min(TRICKLE, max(whole.left, 0)), more=more)
        said = (said + (came or b""))[:NOTED]
        cut = came == b"" or TIMED_OUT.match(said) is not None
    waited = limit - whole.left
    detail = f"answered {said.splitlines()[0]!r}" if said else ""
    return Patience(kind=kind, seconds=waited if cut else None, waited=waited, detail=detail)


def _heard(connection: Connection, seconds: float, *, more: bytes, listen: bool = True) -> bytes | None:
    """What came within that time; b"" once the server is gone; None if nothing came: then `more` was sent."""
    try:
        connection.renew(seconds)
        if listen:
            return connection.receive()
    except TimeoutError:
        pass
    except OSError:
        return b""
    try:
        connection.renew(TRICKLE)
        connection.send(more)
    except TimeoutError:
        return None
    except OSError:
        return b""
    return None


KINDS: dict[str, Callable[[Slow], Patience]] = {
    "headers": _headers,
    "body": _body,
    "idle": _idle,
    "reader": _reader,
}
