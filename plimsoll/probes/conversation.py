"""A connection that speaks HTTP/1.1: h11 reads and writes, the connection's deadline holds."""

from __future__ import annotations

import h11

from plimsoll.errors import BadInput
from plimsoll.probes.connection import Closed, Connection, Trouble, reason_of
from plimsoll.stacks.protocol import Endpoint

HEADER_LIMIT = 64 * 1024
"""Bytes of header, interim answers included: several times what servers and proxies let pass (nginx: 4 to 32 KiB)."""

BEGINNING = 40
"""Bytes of a strange answer that are quoted."""

PROTOCOL = b"HTTP/"
SWITCHING_PROTOCOLS = 101
TOO_LONG = 431
"""The status by which h11 hints that its buffer limit was reached (RFC 6585, 5)."""

Answer = h11.Response | h11.InformationalResponse


class Conversation(Connection):
    """One exchange after another, as long as it is `reusable`."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        seconds: float,
        source: str = "",
        receive_buffer: int = 0,
        header_limit: int = HEADER_LIMIT,
    ) -> None:
        super().__init__(endpoint, seconds=seconds, source=source, receive_buffer=receive_buffer)
        self._header_limit = header_limit
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=header_limit)
        self._came = 0
        self._beginning = b""

    @property
    def reusable(self) -> bool:
        """Whether another exchange may follow."""
        return {self._http.our_state, self._http.their_state} <= {h11.IDLE, h11.DONE}

    def converse(self, request: h11.Request, body: bytes = b"", *, body_limit: int) -> tuple[Answer, bytes]:
        """The final answer to a request and its body, cut at the limit. Raises as `ask` and `answer` do."""
        self.ask(request, body)
        return self.answer(body_limit=body_limit)

    def ask(self, request: h11.Request, body: bytes = b"") -> None:
        """The request is sent. Raises Trouble if it was not taken in time, BadInput if it cannot be sent."""
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        self._came, self._beginning = 0, b""
        try:
            parts = [self._http.send(request), self._http.send(h11.Data(data=body)) if body else b""]
            parts.append(self._http.send(h11.EndOfMessage()))
        except h11.LocalProtocolError as error:
            raise BadInput(f"the request cannot be sent: {error}") from error
        try:
            self.send(b"".join(part or b"" for part in parts))
        except TimeoutError as error:
            raise Trouble(f"{self.where} did not take the whole request within {self.seconds:.3g} s") from error
        except OSError:
            return  # a server may refuse a body unread and close (RFC 9112, 9.6): its answer waits, or reading fails

    def ask_so(self, data: bytes, *, method: str = "GET") -> None:
        """Those very bytes are sent, and the next answer is read as one to that method. Raises Trouble."""
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        self._came, self._beginning = 0, b""
        self._http.send(h11.Request(method=method, target="/", headers=[("Host", "as-sent")]))
        self._http.send(h11.EndOfMessage())
        try:
            self.send(data)
        except TimeoutError as error:
            raise Trouble(f"{self.where} did not take the whole request within {self.seconds:.3g} s") from error
        except OSError:
            return  # as above: the answer may wait

    def answer(self, *, body_limit: int) -> tuple[Answer, bytes]:
        """The final answer to what was asked, and its body, cut at the limit. Raises Trouble."""
        answer = self._header()
        if answer.status_code == SWITCHING_PROTOCOLS:
            return answer, b""
        content = bytearray()
        while len(content) < body_limit and isinstance(event := self._next("complete body"), h11.Data):
            content += event.data
        return answer, bytes(content[:body_limit])

    def _header(self) -> Answer:
        """The final answer, after any interim ones."""
        while True:
            event = self._next("complete header")
            if isinstance(event, h11.Response):
                return event
            if isinstance(event, h11.InformationalResponse) and event.status_code == SWITCHING_PROTOCOLS:
                return event
            if self._came > self._header_limit:
                raise Trouble(f"no final answer in {self._header_limit} bytes, only interim ones")

    def _next(self, awaited: str) -> object:
        """The next thing the server says. Raises Trouble if it is not `awaited` in time, size and form."""
        data = None
        while True:
            try:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    data = self.receive()
                    self._note(data)
                    self._http.receive_data(data)
                elif isinstance(event, h11.ConnectionClosed):
                    raise Closed(self._closed(awaited))
                else:
                    return event
            except TimeoutError as error:
                raise Trouble(f"no {awaited} within {self.seconds:.3g} s ({self._came} bytes came)") from error
            except h11.RemoteProtocolError as error:
                if error.error_status_hint == TOO_LONG:
                    raise Trouble(f"a header longer than {self._header_limit} bytes") from error
                if data == b"":
                    raise Closed(self._closed(awaited)) from error
                raise Trouble(f"not valid HTTP: {error}") from error
            except ConnectionError as error:
                what = f"connection reset by {self.where} before a {awaited} ({self._came} bytes came)"
                raise Closed(what) from error
            except OSError as error:
                raise Trouble(
                    f"{reason_of(error)} by {self.where} before a {awaited} ({self._came} bytes came)"
                ) from error

    def _closed(self, awaited: str) -> str:
        return f"{self.where} closed the connection before a {awaited} ({self._came} bytes came)"

    def _note(self, data: bytes) -> None:
        """What came is counted, and refused at once if no HTTP answer can begin so."""
        self._came += len(data)
        if len(self._beginning) < BEGINNING:
            self._beginning = (self._beginning + data)[:BEGINNING]
        if not self._beginning.startswith(PROTOCOL[: len(self._beginning)]):
            raise Trouble(f"not HTTP: the answer began with {self._beginning!r}")
