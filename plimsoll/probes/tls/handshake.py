"""One TLS handshake that trusts anything, and what became of it: for looking at servers, never for talking to them."""

from __future__ import annotations

import functools
import select
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from socket import socket

from plimsoll.errors import CouldNotLook
from plimsoll.observations import Handshake
from plimsoll.probes.connection import SPEAKS_HTTP, Trouble, dial, reason_of, spoke_http
from plimsoll.probes.tls.flight import ALERTS, Flight, Strange
from plimsoll.probes.tls.hello import Hello
from plimsoll.probes.tls.starttls import begin_tls
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import Deadline

OP_LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT (in Python's ssl from 3.12 on): servers without RFC 5746 are looked at too."""

EVERY_SUITE = "ALL:!aNULL:!PSK:!SRP"
"""All that OpenSSL has with a certificate; what else a server accepts is found by hellos alone."""

ALERT = "ALERT"
"""What the name of every OpenSSL reason holds that reports an alert of the other side."""

OTHER_VERSION = frozenset({"UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION"})
"""OpenSSL reasons for a server that answered the hello with a version that was not offered."""

TICKET_PATIENCE = 0.5
"""Seconds for a ticket after a TLS 1.3 handshake: servers send it with their last flight (RFC 8446, 4.6.1)."""

RESET = "connection reset after the hello"
"""Some servers refuse so (Schannel does), but so do broken ones: the survey decides which it was."""

CLOSED = "closed after the hello"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a hello (accepted, refused, unmeasured; see Handshake), and the flight that came back."""

    outcome: str
    detail: str = ""
    flight: Flight = field(default_factory=Flight)

    @property
    def accepted(self) -> bool:
        """Whether the server chose something of what was offered."""
        return self.outcome == "accepted"

    def seen(self, version: str, *, suite: str = "", group: str = "") -> Handshake:
        """The observation of an offer of this version, or of this suite or group of it."""
        return Handshake(version=version, outcome=self.outcome, suite=suite, group=group, detail=self.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaken:
    """The outcome of a whole handshake (accepted, refused, unmeasured, see Handshake; or distrusted) and what came."""

    outcome: str
    detail: str = ""
    version: str = ""
    alpn: str = ""
    certificate: bytes = b""
    session: ssl.SSLSession | None = None
    resumed: bool = False
    answer: bytes = b""

    @property
    def accepted(self) -> bool:
        """Whether both sides agreed."""
        return self.outcome == "accepted"


@functools.cache
def offer(
    version: ssl.TLSVersion | None = None,
    *,
    alpn: tuple[str, ...] = (),
    suites: str = EVERY_SUITE,
    tickets: bool = True,
) -> ssl.SSLContext:
    """A shared context that offers this and verifies nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if not tickets:
        context.options |= ssl.OP_NO_TICKET
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return _opened(context, suites, version)


@functools.cache
def verifying(
    authority: Path | None, version: ssl.TLSVersion | None = None, *, suites: str = EVERY_SUITE
) -> ssl.SSLContext:
    """A shared context that checks chain and name against this authority (None: the system's), and nothing else."""
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise CouldNotLook(f"the authority to trust, {authority}, cannot be read: {reason_of(error)}") from error
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Python 3.13 began to demand extensions that browsers do not
    return _opened(context, suites, version)


def _opened(context: ssl.SSLContext, suites: str, version: ssl.TLSVersion | None) -> ssl.SSLContext:
    """The context, offering what it would otherwise hold back: security level 0, old versions, no RFC 5746."""
    context.options |= OP_LEGACY_SERVER_CONNECT
    context.set_ciphers(f"{suites}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # offering old versions is the point
        context.minimum_version = version or ssl.TLSVersion.TLSv1
    if version:
        context.maximum_version = version
    return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Shakes with one endpoint as a client of one virtual host, all within one deadline."""

    endpoint: Endpoint
    host: str
    deadline: Deadline
    source: str = ""

    @contextmanager
    def reached(self) -> Iterator[tuple[socket, Deadline]]:
        """A connection whose next byte may be TLS. Raises Trouble."""
        try:
            self.host.encode("idna")  # before a connection is made that nobody could use
        except UnicodeError as error:
            raise Trouble(f"{self.host} is no name of a host") from error
        raw, deadline = dial(self.endpoint.address, seconds=max(self.deadline.left, 0), source=self.source)
        with raw:
            try:
                begin_tls(raw, self.endpoint, deadline)
            except TimeoutError as error:
                raise Trouble("no answer to the request for TLS in time") from error
            except OSError as error:
                raise Trouble(reason_of(error)) from error
            yield raw, deadline

    def ask(self, hello: Hello) -> Answer:
        """What the server answers to this hello; the handshake is not gone on with."""
        try:
            with self.reached() as (raw, deadline):
                return _asked(raw, deadline, hello)
        except Trouble as trouble:
            return Answer(outcome="unmeasured", detail=trouble.fact)

    def shake(
        self,
        context: ssl.SSLContext,
        *,
        session: ssl.SSLSession | None = None,
        say: bytes = b"",
        tickets: bool = False,
    ) -> Shaken:
        """What became of a whole handshake. Once ALPN agreed, `say` is said; `tickets` are awaited."""
        try:
            with self.reached() as (raw, deadline):
                return self._shaken(raw, deadline, context, session, say, tickets=tickets)
        except Trouble as trouble:
            return Shaken(outcome="unmeasured", detail=trouble.fact)

    def _shaken(
        self,
        raw: socket,
        deadline: Deadline,
        context: ssl.SSLContext,
        session: ssl.SSLSession | None,
        say: bytes,
        *,
        tickets: bool,
    ) -> Shaken:
        try:
            stream = context.wrap_socket(
                raw, server_hostname=self.host or None, do_handshake_on_connect=False, session=session
            )
        except (OSError, ValueError) as error:
            return Shaken(outcome="unmeasured", detail=reason_of(error))
        with stream:
            try:
                stream.settimeout(max(deadline.left, 0.001))
                stream.do_handshake()
            except OSError as error:
                if spoke_http(error, stream):
                    return Shaken(outcome="unmeasured", detail=SPEAKS_HTTP)
                return _failed(error)
            shaken = Shaken(
                outcome="accepted",
                version=stream.version() or "",
                alpn=stream.selected_alpn_protocol() or "",
                certificate=stream.getpeercert(binary_form=True) or b"",
                resumed=bool(stream.session_reused),
            )
            if tickets and shaken.version == "TLSv1.3":
                _await_ticket(stream)
            return replace(
                shaken, session=stream.session, answer=_say(stream, say, deadline) if say and shaken.alpn else b""
            )


def _asked(raw: socket, deadline: Deadline, hello: Hello) -> Answer:
    """The answer to a hello over an open connection."""
    flight = Flight()
    try:
        raw.settimeout(max(deadline.left, 0.001))
        raw.sendall(hello.encode())
        while not flight.over:
            raw.settimeout(max(deadline.left, 0.001))
            data = raw.recv(16384)
            if not data:
                break
            flight.feed(data)
    except Strange as strange:
        http = str(strange).startswith("the answer began with b'HTTP/")
        return Answer(outcome="unmeasured", detail=SPEAKS_HTTP if http else f"not TLS: {strange}", flight=flight)
    except OSError as error:
        if not flight.version:  # once the server has chosen, what follows changes nothing
            return Answer(outcome="unmeasured", detail=_silence(error), flight=flight)
    if flight.alert is not None:
        return Answer(outcome="refused", detail=f"alert {ALERTS.get(flight.alert, flight.alert)}", flight=flight)
    if not flight.version:
        return Answer(outcome="refused", detail=CLOSED, flight=flight)
    if flight.version != hello.version:
        return Answer(outcome="refused", detail=f"answers with {flight.version}", flight=flight)
    return Answer(outcome="accepted", flight=flight)


def _silence(error: OSError) -> str:
    """Why nothing came."""
    if isinstance(error, TimeoutError):
        return "no answer to the hello in time"
    return RESET if isinstance(error, ConnectionError) else reason_of(error)


def _failed(error: OSError) -> Shaken:
    """Refused only where the server said so: what this machine or the network could not do is no answer."""
    match error:
        case ssl.SSLCertVerificationError():
            return Shaken(outcome="distrusted", detail=error.verify_message)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Shaken(outcome="refused", detail=CLOSED)
        case ssl.SSLError() if error.reason and (ALERT in error.reason or error.reason in OTHER_VERSION):
            return Shaken(outcome="refused", detail=reason_of(error))
        case TimeoutError():
            return Shaken(outcome="unmeasured", detail="no answer to the hello in time")
        case _:
            return Shaken(outcome="unmeasured", detail=reason_of(error))


def _say(stream: ssl.SSLSocket, say: bytes, deadline: Deadline) -> bytes:
    """The first bytes of the answer; none if there is no answer in time."""
    try:
        stream.settimeout(max(deadline.left, 0.001))
        stream.sendall(say)
        return stream.recv(64)
    except OSError:
        return b""


def _await_ticket(stream: ssl.SSLSocket) -> None:
    """The session ticket that follows a TLS 1.3 handshake was read, if one came in time."""
    patience = Deadline.after(TICKET_PATIENCE)
    stream.setblocking(False)
    while stream.session and not stream.session.has_ticket and not patience.passed:
        try:
            if not stream.recv(1):
                return
        except ssl.SSLWantReadError:
            if stream.session and not stream.session.has_ticket:  # reading may just have found it
                select.select([stream], [], [], max(patience.left, 0))
        except OSError:
            return
