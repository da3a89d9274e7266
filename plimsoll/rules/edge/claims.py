"""Whose name the edge answers to, where it sends people, and which methods it takes from them."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Promise
from plimsoll.observations import HostClaims, HttpExchange, Lures, Methods

__all__ = ["host_pinned", "methods_limited", "redirects_stay"]

SUCCESS = range(200, 300)
ERROR = 400
"""From here on an answer shows nothing of the site."""

USUAL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})<", re.IGNORECASE)
TELLING = ("Location", "Content-Location", "Link", "Refresh", "Set-Cookie")
"""Headers that send a browser somewhere, or make it remember something for a host."""

LEADING = re.compile(r"(?:https?:)?//+(?:[^/?#@]*@)?([^/?#:]*)", re.IGNORECASE)
INVISIBLE = re.compile(r"[\x00-\x20]")


def methods_limited(promise: Promise, seen: Methods, *, allowed: tuple[str, ...] = USUAL) -> Finding:
    """Any other method than these gets no success: TRACE, CONNECT and made-up ones least of all (RFC 9110, 9.1)."""
    expected = f"success for none but {', '.join(allowed)}"
    control = [e for e in seen.exchanges if e.method == "GET"]
    odd = [e for e in seen.exchanges if e.method not in allowed and e.method != "GET"]
    evidence = [e.where for e in seen.exchanges]
    if not any(e.status is not None and e.status < ERROR for e in control):
        return promise.unknown("the page itself was not served", expected=expected, evidence=evidence)
    if silent := [e for e in odd if e.status is None and not e.cut]:
        return promise.unknown(f"{silent[0].where}", expected=expected, evidence=evidence)
    if not odd:
        return promise.unknown("no other method was tried", expected=expected, evidence=evidence)
    if taken := [e for e in odd if e.status in SUCCESS]:
        return promise.broken(
            expected=expected,
            actual=taken[0].where,
            message=f"{', '.join(dict.fromkeys(e.method for e in taken))} is taken: {taken[0].where}",
            hint="refuse what the site does not use with 405: nginx limit_except, haproxy http-request deny unless",
            evidence=evidence,
        )
    refused = ", ".join(f"{e.method} {e.status or 'cut off'}" for e in odd)
    return promise.kept(expected=expected, actual=refused, evidence=evidence)


def host_pinned(promise: Promise, seen: HostClaims) -> Finding:
    """A host that is not ours is neither served the site nor repeated in where the site leads; two hosts are refused.

    RFC 9112, 3.2: a request with no Host line, with two, or with an invalid one gets 400.
    """
    expected = "the site under its own names only, no other host in redirects, cookies or pages, 400 for none or two"
    evidence = [f"{e.kind}: {e.where}" for e in seen.exchanges]
    control = [e for e in seen.of("control") if e.status is not None and e.status < ERROR]
    if not control:
        return promise.unknown("the page was not served under its own name", expected=expected, evidence=evidence)
    if silent := [e for e in seen.exchanges if e.status is None and not e.cut and not e.closed]:
        return promise.unknown(f"{silent[0].kind}: {silent[0].where}", expected=expected, evidence=evidence)
    trouble = hint = ""
    for each in seen.exchanges:
        if place := _repeated(each, seen.stranger):
            trouble = f"{_said(each)} {seen.stranger}, and the answer repeats it in its {place}: {each.where}"
            hint = (
                "write the site's own name: nginx return 301 https://$server_name…, a default server that closes (444)"
            )
        elif each.kind == "unknown" and _same_page(each, control[0]):
            trouble = f"the site is served under any name: {each.where} for Host: {seen.stranger}"
            hint = "give names that are not ours to a default server that closes: nginx return 444"
        elif each.kind in ("twice", "missing", "rubbish") and each.status is not None and each.status < ERROR:
            trouble = f"a request with {MEANING[each.kind]} is served: {each.where}"
            hint = "RFC 9112, 3.2 asks for 400: two readers would take two hosts for meant"
        if trouble:
            return promise.broken(expected=expected, actual=each.where, message=trouble, hint=hint, evidence=evidence)
    return promise.kept(expected=expected, actual=f"{len(seen.exchanges) - 1} claims, none believed", evidence=evidence)


MEANING = {"twice": "two Host lines", "missing": "no Host line", "rubbish": "rubbish in its Host line"}


def redirects_stay(promise: Promise, seen: Lures) -> Finding:
    """No address and no parameter gets a visitor redirected to a stranger, or a header of its own into an answer."""
    expected = "no redirect to another site, no header planted"
    evidence = [e.where + "".join(f" Location: {v}" for v in e.values("Location")) for e in seen.exchanges]
    if not any(e.status is not None and e.status < ERROR for e in seen.of("control")):
        return promise.unknown("the page itself was not served", expected=expected, evidence=evidence)
    lures = seen.of("lure")
    if silent := [e for e in lures if e.status is None and not e.cut and not e.closed]:
        return promise.unknown(silent[0].where, expected=expected, evidence=evidence)
    if not any(e.status is not None for e in lures):
        return promise.unknown("no lure was answered", expected=expected, evidence=evidence)
    for each in lures:
        led = [value for value in each.values("Location") if _leads_to(value, seen.stranger)]
        planted = each.values(seen.planted)
        if led or planted:
            what = f"leads to {led[0]}" if led else f"carries the header {seen.planted} that its address planted"
            return promise.broken(
                expected=expected,
                actual=evidence[seen.exchanges.index(each)],
                message=f"an answer {what}: {each.where}",
                hint="redirect to paths of the site's own; nginx: $request_uri, never $uri, which is decoded",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=f"{len(lures)} lures led nowhere", evidence=evidence)


def _said(each: HttpExchange) -> str:
    return {
        "forwarded": "a client's X-Forwarded-Host or the like says",
        "absolute": "the request line says",
    }.get(each.kind, "the Host line says")


def _repeated(each: HttpExchange, stranger: str) -> str:
    """Where an answer repeats the stranger's name; error pages may say what they like."""
    for name in TELLING:
        if any(stranger in value.lower() for value in each.values(name)):
            return name
    shown = each.status is not None and each.status < ERROR
    return "body" if shown and stranger.encode() in each.body.lower() else ""


def _same_page(each: HttpExchange, control: HttpExchange) -> bool:
    """Whether this is the site: the very same answer, or a page with the same title."""
    if each.status not in SUCCESS:
        return False
    titles = TITLE.search(each.body), TITLE.search(control.body)
    return each.body == control.body or bool(titles[0] and titles[1] and titles[0][1] == titles[1][1])


def _leads_to(location: str, stranger: str) -> bool:
    """Whether a browser would follow this Location to the stranger: it takes a backslash for a slash."""
    found = LEADING.match(INVISIBLE.sub("", location).replace("\\", "/"))
    return found is not None and found[1].lower().endswith(stranger)
