"""What becomes of sessions: whether they are taken up again, and which protocol is spoken in them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plimsoll.probes.tls.handshake import Hand, Shaken, offer

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""What an HTTP/2 client says first: the preface and an empty SETTINGS frame (RFC 9113, 3.4 and 6.5)."""

FRAME_HEADER, FRAME_TYPE, SETTINGS = 9, 3, 4
"""A frame's header has nine bytes, the fourth tells its type; the server's first frame is SETTINGS (RFC 9113, 4.1)."""

WAYS: Mapping[str, tuple[str, bool]] = {
    "TLSv1.2 ids": ("TLSv1.2", False),
    "TLSv1.2 tickets": ("TLSv1.2", True),
    "TLSv1.3 tickets": ("TLSv1.3", True),
}
"""How sessions are taken up: the version, and whether the client accepts tickets (RFC 5077; RFC 8446, 4.6.1)."""

TRIES = 3
"""OpenSSL files a session only after it has sent its Finished, so that the first return can come too soon."""

NUMBERS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocols:
    """What ALPN chose for each offer, and whether HTTP/2's first frame followed."""

    names: tuple[str, ...] = ()
    http2: bool = False


def resumed(hand: Hand, way: str) -> bool | None:
    """Whether a later handshake took up the session of the first; None if there was no first, or no later one."""
    version, tickets = WAYS[way]
    context = offer(NUMBERS[version], tickets=tickets)
    first = hand.shake(context, tickets=tickets)
    if not first.accepted:
        return None
    if first.session is None or first.session.has_ticket is not tickets:
        return False
    returns = [shaken for shaken in _returns(hand, context, first) if shaken.accepted]
    return any(shaken.resumed for shaken in returns) if returns else None


def _returns(hand: Hand, context: ssl.SSLContext, first: Shaken) -> Iterator[Shaken]:
    """What came of coming back with the first handshake's session, until it was taken up."""
    for _ in range(TRIES):
        shaken = hand.shake(context, session=first.session)
        yield shaken
        if shaken.resumed:
            return


def protocols(offers: Mapping[tuple[str, ...], Shaken]) -> Protocols:
    """What came of the offers by ALPN."""
    answer = offers[("h2",)].answer
    return Protocols(
        names=tuple(dict.fromkeys(shaken.alpn for shaken in offers.values() if shaken.alpn)),
        http2=len(answer) >= FRAME_HEADER and answer[FRAME_TYPE] == SETTINGS,
    )
