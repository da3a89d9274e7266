"""Whether what hides behind a request is ever taken for a request of its own."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import NginxConfig, Smuggle, Smuggling

__all__ = ["smuggling_refused"]

ERROR = 400
LAX = ("ignore_invalid_headers", "chunked_transfer_encoding", "proxy_request_buffering")


def smuggling_refused(promise: Promise, seen: Smuggling, config: NginxConfig | None) -> Finding:
    """A request whose end can be read in two ways is refused or ends its connection, and hides no other.

    The server may read it in one way and close, but never answer another on that connection (RFC 9112, 6.1 and 6.3).
    """
    expected = "400 or the end of the connection for every ambiguous request, and its own answer for every clean one"
    evidence = [f"{each.name}: {_course(each)}" for each in seen.tries]
    clean = seen.control[-1] if len(seen.control) > 1 else None
    if clean is None or clean.status is None:
        return promise.unknown(
            "two clean requests on one connection were not both answered, so a refusal proves nothing",
            expected=expected,
            evidence=[e.where for e in seen.control],
        )
    for each in seen.tries:
        trouble = ""
        if each.other.status is not None and each.other.status != clean.status:
            trouble = f"the next client got {each.other.where}"
        elif each.next is not None and each.next.status is not None and each.next.status != clean.status:
            trouble = f"the next request on the connection got {each.next.where}"
        elif each.next is not None and each.first.status is not None and each.first.status < ERROR:
            trouble = f"it is served ({each.first.status}), and the connection goes on"
        if trouble:
            return promise.broken(
                expected=expected,
                actual=_course(each),
                message=f"{each.name}: {trouble}{_lax(config)}",
                hint="refuse what is ambiguous with 400 and close: a current server does, unless told to be lenient",
                evidence=evidence,
            )
    if silent := [s for s in seen.tries if s.other.status is None or (s.first.status is None and not s.first.cut)]:
        which = silent[0].first if silent[0].first.status is None and not silent[0].first.cut else silent[0].other
        return promise.unknown(
            f"{silent[0].name}: {which.trouble}", expected=expected, actual=_course(silent[0]), evidence=evidence
        )
    return promise.kept(
        expected=expected, actual=f"{len(seen.tries)} ambiguous requests, none hid another", evidence=evidence
    )


def _course(each: Smuggle) -> str:
    """What became of one, in a few words."""
    first = each.first.status or ("cut off" if each.first.cut else each.first.trouble)
    then = each.next.status or each.next.trouble if each.next else "closed"
    return f"{first}, then {then}; another client {each.other.status or each.other.trouble}"


def _lax(config: NginxConfig | None) -> str:
    """Where the file asks for leniency, if it does."""
    lines = [d for d in config.named(*LAX) if d.arguments == ("off",)] if config else []
    return f" (see {lines[0].where}: {lines[0].name} off)" if lines else ""
