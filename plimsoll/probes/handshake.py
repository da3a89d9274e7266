"""One TLS handshake that trusts anything, and what became of it: for looking at servers, never for talking to them."""

from __future__ import annotations

import functools
import ssl
import warnings
from dataclasses import dataclass

from plimsoll.observations import Handshake
from plimsoll.probes.connection import SPEAKS_HTTP, Trouble, dial, reason_of, spoke_http
from plimsoll.stacks.protocol import Endpoint
from plimsoll.wait import Deadline

OP_LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT (in Python's ssl from 3.12 on): servers without RFC 5746 are looked at too."""

EVERY_SUITE = "ALL:COMPLEMENTOFALL:!PSK:!SRP"
"""All that OpenSSL has, NULL and anonymous ones too; it cannot offer PSK and SRP without a shared secret."""

OLD_VERSIONS = frozenset({ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1})
"""Those that the ssl module warns about when they are asked for."""

ALERT = "ALERT"
"""What the name of every OpenSSL reason holds that reports an alert of the other side."""

OTHER_VERSION = frozenset({"UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION"})
"""OpenSSL reasons for a server that answered the hello with a version that was not offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaken:
    """The outcome of one handshake (accepted, refused, unmeasured; see Handshake) and what was negotiated."""

    outcome: str
    detail: str = ""
    version: str = ""
    suite: str = ""
    alpn: str = ""
    certificate: bytes = b""
    session: ssl.SSLSession | None = None
    resumed: bool = False
    answer: bytes = b""

    @property
    def accepted(self) -> bool:
        """Whether both sides agreed."""
        return self.outcome == "accepted"

    def as_version(self, version: str) -> Handshake:
        """The observation of an offer of this version alone."""
        return Handshake(version=version, outcome=self.outcome, suite=self.suite, detail=self.detail)


def offer(
    version: ssl.TLSVersion | None = None, *, suites: str = EVERY_SUITE, alpn: tuple[str, ...] = ()
) -> ssl.SSLContext:
    """A context that offers exactly this and verifies nothing. Raises ValueError or SSLError where OpenSSL cannot.

    Security level 0 lets it offer what it would otherwise hold back.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= OP_LEGACY_SERVER_CONNECT
    context.set_ciphers(f"{suites}:@SECLEVEL=0")
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if version in OLD_VERSIONS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # offering an old version is the point
            context.minimum_version = context.maximum_version = version
    elif version is not None:
        context.minimum_version = context.maximum_version = version
    return context


@functools.cache
def offer_alone(version: ssl.TLSVersion) -> ssl.SSLContext | str:
    """A shared context that offers this version alone, or why this machine has none. Not to be changed."""
    try:
        return offer(version)
    except (ssl.SSLError, ValueError) as error:
        return f"this machine's TLS library cannot offer it: {reason_of(error)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Shakes with one endpoint, all within one deadline."""

    endpoint: Endpoint
    deadline: Deadline
    source: str = ""

    def shake(
        self, context: ssl.SSLContext, *, host: str = "", session: ssl.SSLSession | None = None, say: bytes = b""
    ) -> Shaken:
        """What became of one handshake. Once ALPN agreed, `say` is sent and the answer's start read."""
        try:
            raw, deadline = dial(self.endpoint.address, seconds=max(self.deadline.left, 0), source=self.source)
        except Trouble as trouble:
            return Shaken(outcome="unmeasured", detail=trouble.fact)
        with raw:
            try:
                stream = context.wrap_socket(
                    raw, server_hostname=host or self.endpoint.host, do_handshake_on_connect=False, session=session
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
            return Shaken(
                outcome="accepted",
                version=stream.version() or "",
                suite=(stream.cipher() or ("", "", 0))[0],
                alpn=stream.selected_alpn_protocol() or "",
                certificate=stream.getpeercert(binary_form=True) or b"",
                session=stream.session,
                resumed=bool(stream.session_reused),
                answer=_ask(stream, say, deadline) if say and stream.selected_alpn_protocol() else b"",
            )


def _failed(error: OSError) -> Shaken:
    """Refused only where the server said so: what this machine or the network could not do is no answer."""
    match error:
        case ssl.SSLCertVerificationError():
            return Shaken(outcome="refused", detail=error.verify_message)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Shaken(outcome="refused", detail="closed after the hello")
        case ssl.SSLError() if error.reason and (ALERT in error.reason or error.reason in OTHER_VERSION):
            return Shaken(outcome="refused", detail=reason_of(error))
        case TimeoutError():
            return Shaken(outcome="unmeasured", detail="no answer to the hello in time")
        case _:
            return Shaken(outcome="unmeasured", detail=reason_of(error))


def _ask(stream: ssl.SSLSocket, say: bytes, deadline: Deadline) -> bytes:
    """The first bytes of the answer; none if there is no answer in time."""
    try:
        stream.settimeout(max(deadline.left, 0.001))
        stream.sendall(say)
        return stream.recv(64)
    except OSError:
        return b""
