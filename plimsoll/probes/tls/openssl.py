"""What Python's ssl module does not show: the chain as it was sent, a stapled OCSP answer, and asking to renegotiate.

pyOpenSSL brings an OpenSSL of its own; nothing here trusts anybody.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from plimsoll.probes.connection import Trouble
from plimsoll.probes.tls.handshake import Hand
from plimsoll.probes.tls.hello import is_name
from plimsoll.wait import Deadline

Done = TypeVar("Done")

EVERY_SUITE = b"ALL:COMPLEMENTOFALL:@SECLEVEL=0"
RENEGOTIATION_PATIENCE = 2.0
"""Seconds for an answer to a hello within a session: servers that refuse say so or close at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a server showed in one session: its chain (DER, its own certificate first)."""

    chain: tuple[bytes, ...]
    stapled: bool


def shown(hand: Hand) -> Shown | None:
    """What the server shows with the newest version that both sides speak; None if there was no session."""
    stapled: list[bytes] = []

    def take(_: SSL.Connection, answer: bytes, __: None) -> bool:
        stapled.append(answer)
        return True

    context = _context()
    context.set_ocsp_client_callback(take)
    try:
        with _session(hand, context) as (connection, _):
            chain = connection.get_peer_cert_chain(as_cryptography=True) or ()
            ders = tuple(each.public_bytes(Encoding.DER) for each in chain)
            return Shown(chain=ders, stapled=any(stapled)) if ders else None
    except (Trouble, OSError, SSL.Error, ValueError):
        return None


def renegotiates(hand: Hand) -> bool | None:
    """Whether the server begins another handshake in a session because the client asks; None if it says nothing."""
    context = _context()
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    try:
        with _session(hand, context) as (connection, stream):
            patience = Deadline.after(min(RENEGOTIATION_PATIENCE, max(hand.deadline.left, 0)))
            try:
                connection.renegotiate()
                _complete(connection.do_handshake, stream, patience)
            except TimeoutError:
                return None
            except (SSL.Error, OSError):
                return False
            return connection.total_renegotiations() > 0
    except (Trouble, OSError, SSL.Error, ValueError):
        return None


def _context() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(EVERY_SUITE)
    context.set_options(SSL.OP_LEGACY_SERVER_CONNECT)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    return context


@contextmanager
def _session(hand: Hand, context: SSL.Context) -> Iterator[tuple[SSL.Connection, socket.socket]]:
    """A session, its handshake done. Raises Trouble, OSError, SSL.Error, ValueError."""
    with hand.reached() as (raw, deadline):
        raw.setblocking(False)
        connection = SSL.Connection(context, raw)
        if is_name(hand.host):
            connection.set_tlsext_host_name(hand.host.encode("idna"))
        connection.request_ocsp()
        connection.set_connect_state()
        _complete(connection.do_handshake, raw, deadline)
        yield connection, raw


def _complete(step: Callable[[], Done], stream: socket.socket, deadline: Deadline) -> Done:
    """What the step returned once it needed nothing more from the other side. Raises TimeoutError."""
    while True:
        try:
            return step()
        except SSL.WantReadError:
            ready = select.select([stream], [], [], max(deadline.left, 0))[0]
        except SSL.WantWriteError:
            ready = select.select([], [stream], [], max(deadline.left, 0))[1]
        if not ready:
            raise TimeoutError
