"""What strangers can learn of the inside: listings, files left behind, status pages, stack traces, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from plimsoll.model import Finding, Promise
from plimsoll.observations import HeaderMatrix, HttpExchange, HttpSurvey, Outage, Uninvited
from plimsoll.rules.headers.coverage import responses_of

__all__ = ["directories_unlisted", "insides_hidden", "leftovers_hidden", "status_pages_hidden"]

SUCCESS = range(200, 300)
TOO_MANY = 429
FAILED = 400
SHOWN = 120
"""Characters of a stack trace that a message shows."""
LISTING = re.compile(
    rb"<title>\s*(?:index of|directory listing (?:for|of|--))|<h1>\s*(?:index of|directory listing)|>parent directory<",
    re.IGNORECASE,
)
"""How nginx, Apache, Python, Jetty, Tomcat and lighttpd begin a listing."""
TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
TRACE = re.compile(
    r"Traceback \(most recent call last\)"
    r"|\bat [\w$.<>]+\([\w$]+\.(?:java|kt|scala):\d+\)"
    r"|\bat (?:[\w$.<> ]+ \()?(?:file://|node:|/|[A-Z]:\\)[^\s()]+\.[cm]?[jt]s:\d+:\d+"
    r"|\b(?:Fatal error|Parse error|Warning)(?:</b>)?: .{1,300}? on line (?:<b>)?\d+"
    r"|\bat [\w.`]+\([^)]*\) in \S+\.(?:cs|vb):line \d+"
    r"|goroutine \d+ \[running\]"
    r"|SQLSTATE\[|ORA-\d{5}:|PG::\w+Error|You have an error in your SQL syntax",
)
"""How Python, Java, JavaScript, PHP, .NET, Go and databases tell where they failed."""
ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)")
NAME = re.compile(
    r"(?<![\w.-])(?:localhost|[\w-]+(?:\.[\w-]+)*\.(?:internal|svc|cluster\.local|lan|corp))(?![\w(=\[-])",
    re.IGNORECASE,
)
IN_URL = re.compile(r"(?:://|@)([\w.-]+)|(?<![\w.-])([\w.-]+)(?=:\d{2,5}\b)")
"""Where a text names a host: in a URL, or before a port. Elsewhere it may be prose, or a word of a script."""
PRIVATE = [ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")]
"""Addresses that mean nothing outside (RFC 1918; RFC 1122, 3.2.1.3)."""
READABLE = ("text/html", "text/plain", "application/json", "application/problem+json", "application/xml", "text/xml")


def directories_unlisted(promise: Promise, seen: Uninvited) -> Finding:
    """No folder shows what is in it."""
    return _none(
        promise,
        seen,
        "listing",
        [e for e in seen.of("listing") if e.status in SUCCESS and LISTING.search(e.body)],
        expected="no listing of a folder",
        fault="what is in a folder is listed",
        hint="nginx: autoindex off; Apache: Options -Indexes",
    )


def leftovers_hidden(promise: Promise, seen: Uninvited, *, allowed: tuple[str, ...] = ()) -> Finding:
    """No version control, environment, backup, editor or key file is served, unless every path gets the same answer."""
    return _none(
        promise,
        seen,
        "leftover",
        [e for e in _shown(seen, "leftover") if urlsplit(e.url).path not in allowed],
        expected="what every unknown path gets",
        fault="a file that was left behind is served",
        hint="take it out of the web root, and refuse what begins with a dot or ends like a backup",
    )


def status_pages_hidden(promise: Promise, seen: Uninvited, *, allowed: tuple[str, ...] = ()) -> Finding:
    """No page about the inside of a server or a framework is shown to strangers."""
    return _none(
        promise,
        seen,
        "inside",
        [e for e in _shown(seen, "inside") if urlsplit(e.url).path not in allowed],
        expected="what every unknown path gets",
        fault="a page about the inside is shown",
        hint="let administrators alone reach it: nginx: allow 127.0.0.1; deny all; or another port",
    )


def insides_hidden(
    promise: Promise,
    survey: HttpSurvey,
    outage: Outage | None,
    matrix: HeaderMatrix | None,
    curious: Uninvited | None,
    *,
    allowed: tuple[str, ...] = (),
) -> Finding:
    """No answer carries a stack trace or an address of the inside, in its body, its Location or any other header."""
    expected = "no stack trace, no private address, no internal name"
    responses = responses_of(survey, outage, matrix) + (responses_of(curious) if curious else [])
    if not responses:
        return promise.unknown("no response was seen", expected=expected)
    told = [line for exchange in responses for line in _told(exchange, allowed)]
    if told:
        return promise.broken(
            expected=expected,
            actual=told[0],
            message=f"an answer tells of the inside: {told[0]}",
            hint="errors go to the log, not to the client; redirects and links name the public host",
            evidence=told,
        )
    return promise.kept(
        expected=expected, actual=f"on none of {len(responses)} responses", evidence=[e.where for e in responses]
    )


def _none(
    promise: Promise,
    seen: Uninvited,
    kind: str,
    shown: Sequence[HttpExchange],
    *,
    expected: str,
    fault: str,
    hint: str,
) -> Finding:
    """PASS when nothing was shown although an ordinary page was, and every request answered."""
    tried = seen.of(kind)
    if shown:
        return promise.broken(
            expected=expected,
            actual=shown[0].where,
            message=f"{fault}: {shown[0].where}" + (f", and {len(shown) - 1} more" if len(shown) > 1 else ""),
            hint=hint,
            evidence=[e.where for e in shown],
        )
    if not any(e.status in SUCCESS for e in seen.of("page")):
        return promise.unknown("no ordinary page was served, so a refusal proves nothing", expected=expected)
    silent = [e for e in tried if e.status is None or e.status == TOO_MANY]
    if silent or not tried:
        why = silent[0].where if silent else "nothing was tried"
        return promise.unknown(f"not everything was answered: {why}", expected=expected)
    statuses = ", ".join(sorted({str(e.status) for e in tried}))
    return promise.kept(
        expected=expected, actual=f"{statuses} on {len(tried)} paths", evidence=[e.where for e in tried]
    )


def _shown(seen: Uninvited, kind: str) -> list[HttpExchange]:
    """The answers that are neither a refusal nor what the host answers to any unknown path."""
    usual = [e for e in seen.of("nowhere", "page") if e.status in SUCCESS]
    return [
        e
        for e in seen.of(kind)
        if e.status in SUCCESS and e.body and not any(_alike(e, each) for each in usual if each.host == e.host)
    ]


def _alike(one: HttpExchange, other: HttpExchange) -> bool:
    """Whether two answers are the same page: the same bytes, or HTML under the same title."""
    if _without_path(one) == _without_path(other):
        return True
    titles = [TITLE.search(e.body) for e in (one, other)]
    return all(titles) and titles[0][1] == titles[1][1]  # type: ignore[index] # both were just found


def _without_path(exchange: HttpExchange) -> bytes:
    """The body without the path that was asked for: some sites say it back."""
    return exchange.body.replace(urlsplit(exchange.url).path.encode(), b"")


def _told(exchange: HttpExchange, allowed: Sequence[str]) -> Iterator[str]:
    """What one answer tells of the inside; what the client itself said, its own host included, is nothing told."""
    spared = {exchange.host.lower(), *map(str.lower, allowed)}
    kind = "".join(exchange.values("Content-Type")).partition(";")[0].strip().lower()
    body = exchange.body.decode("utf-8", "replace") if kind in READABLE or not kind else ""
    if trace := TRACE.search(body):
        yield f"{exchange.where}: its body shows a stack trace: {' '.join(trace[0].split())[:SHOWN]}"
    failed = exchange.status is not None and exchange.status >= FAILED
    hosts = body if failed else " ".join(each[0] for each in IN_URL.finditer(body))
    named = " ".join(each[0] for each in IN_URL.finditer(body))
    said = [*((where, text, text) for where, text in exchange.headers), ("its body", hosts, named)]
    for where, with_addresses, with_names in said:
        for found in (*_addresses(with_addresses), *(each[0] for each in NAME.finditer(with_names))):
            if found.lower() not in spared and found not in exchange.url:
                yield f"{exchange.where}: {where} names {found}"


def _addresses(text: str) -> Iterator[str]:
    for found in ADDRESS.finditer(text):
        try:
            address = ip_address(found[0])
        except ValueError:
            continue
        if any(address in network for network in PRIVATE):
            yield found[0]
