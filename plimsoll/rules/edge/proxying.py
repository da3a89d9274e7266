"""How the edge treats requests on their way to the application."""

from __future__ import annotations

from plimsoll.model import Finding, Outcome, Promise
from plimsoll.observations import ForwardedRequest, HttpSurvey, WebSocketEcho
from plimsoll.rules.texts import address

__all__ = [
    "client_forwarded",
    "paths_hidden",
    "polluted_input_rejected",
    "redirected_to_https",
    "upgrades_forwarded",
    "websocket_proxied",
]

OK = 200
SUCCESS = range(200, 300)
BAD_REQUEST = 400
MALFORMED = frozenset({400, 403})
"""What is as good an answer to a malformed address as any."""
PERMANENT = frozenset({301, 308})
SWITCHING = 101


def redirected_to_https(promise: Promise, survey: HttpSurvey, *, or_closed: bool = False) -> Finding:
    """Every plain HTTP request is sent, for good, to the same host and path over HTTPS (RFC 6797, 7.2).

    With `or_closed`, a port that refuses connections while HTTPS is answered keeps the promise as well.
    """
    expected = "301 or 308 to the same address over https"
    seen = survey.of("redirect")
    answers = [e for e in seen if e.status is not None]
    if not answers:
        why = seen[0].trouble if seen else "the stack has no plain HTTP endpoint"
        control = any(e.status is not None for e in survey.of() if e.url.startswith("https:"))
        if not seen or not control or not all(e.closed for e in seen):
            return promise.unknown(f"plain HTTP could not be asked: {why}", expected=expected)
        if or_closed:
            return promise.kept(expected=f"{expected}, or a closed port", actual=why)
        return promise.broken(
            expected=expected,
            actual=why,
            message=f"nothing answers plain HTTP, while HTTPS is answered: {why}",
            hint="a browser that is given a bare name may ask port 80 first",
            evidence=[e.where for e in seen],
        )
    evidence = [f"{e.where} {' | '.join(e.values('Location'))}" for e in answers]
    for exchange in answers:
        location = " | ".join(exchange.values("Location"))
        asked, target = address(exchange.url), address(location)
        wrong = (
            (exchange.status not in PERMANENT and f"status {exchange.status}")
            or (target.scheme != "https" and f"Location: {location or 'missing'}")
            or (target.host != asked.host and f"it leads to another host: {target.host}")
            or ((target.path, target.query) != (asked.path, asked.query) and f"it loses the path: {location}")
        )
        if wrong:
            return promise.broken(
                expected=expected,
                actual=evidence[answers.index(exchange)],
                message=f"plain HTTP is not redirected as promised: {exchange.where}: {wrong}",
                hint="nginx: return 301 https://$host$request_uri;",
                evidence=evidence,
            )
    return promise.kept(expected=expected, actual=evidence[0], evidence=evidence)


def paths_hidden(
    promise: Promise, survey: HttpSurvey, *, names: tuple[str, ...], status: int = 404, any_refusal: bool = False
) -> Finding:
    """Every spelling of the names gets that status, while an ordinary page is served.

    What is malformed may be refused as such instead: with 400, 403 or the end of the connection. With `any_refusal`,
    anything but success hides a file, and so does the answer that every unknown path gets.
    """
    expected = f"{'anything but success' if any_refusal else status} for {', '.join(names)} however spelled"
    tried = [e for e in survey.of("dotfile") if e.status is not None]
    if not any(e.status == OK for e in survey.of("page", "static")):
        return promise.unknown("no ordinary page was served, so a refusal proves nothing", expected=expected)
    untried = [name for name in names if not any(name.lstrip(".") in e.url.lower() for e in tried)]
    if untried:
        return promise.unknown(f"{', '.join(untried)} was not tried", expected=expected)
    fallbacks = {e.body for e in survey.of("nowhere") if e.status in SUCCESS}
    shows = (
        (lambda e: e.status in SUCCESS and e.body not in fallbacks) if any_refusal else (lambda e: e.status != status)
    )
    oddly = [e for e in survey.of("dotfile-oddly") if e.status not in (None, *MALFORMED)]
    tried += oddly
    if shown := list(filter(shows, tried)):
        return promise.broken(
            expected=expected,
            actual=shown[0].where,
            message=f"{len(shown)} of {len(tried)} hidden files are answered otherwise, e.g. {shown[0].where}",
            hint="match the decoded path without case, before any location that serves or proxies it",
            evidence=[e.where for e in tried],
        )
    statuses = ", ".join(sorted({str(e.status) for e in tried}))
    return promise.kept(
        expected=expected, actual=f"{statuses} on {len(tried)} spellings", evidence=[e.where for e in tried]
    )


def websocket_proxied(
    promise: Promise, survey: HttpSurvey, echo: WebSocketEcho, ordinary: ForwardedRequest | None
) -> Finding:
    """A page comes through the edge as an ordinary request, and a WebSocket as an upgrade whose frame comes back."""
    expected = "200 for the page; 101 and the frame echoed for the WebSocket; no upgrade where none was asked for"
    pages = survey.of("page")
    page = pages[0].status if pages else "not asked"
    actual = f"page {page}; WebSocket {echo.status}, echo {'seen' if echo.echoed else 'not seen'}"
    if not pages or pages[0].status is None:
        return promise.unknown("the page could not be asked", expected=expected, actual=actual)
    claims = [value for value in ordinary.values("Connection") if "upgrade" in value.lower()] if ordinary else []
    trouble = ""
    if pages[0].status != OK:
        trouble = pages[0].where
    elif not (echo.accepted and echo.echoed):
        silence = "the frame did not come back" if echo.accepted else f"answered {echo.status} instead of {SWITCHING}"
        trouble = f"{echo.url}: {echo.trouble or silence}"
    elif claims:
        trouble = f"an ordinary request reaches it with Connection: {claims[0]}, so its connection cannot be kept"
    evidence = [pages[0].where, f"{echo.url} -> {echo.status}"]
    if not trouble:
        return promise.kept(expected=expected, actual=actual, evidence=evidence)
    return promise.broken(
        expected=expected,
        actual=actual,
        message=f"the edge does not proxy to the application as promised: {trouble}",
        hint="nginx: proxy_http_version 1.1, the Upgrade header, and Connection from a map on $http_upgrade",
        evidence=evidence,
    )


def upgrades_forwarded(promise: Promise, survey: HttpSurvey, echo: WebSocketEcho, request: ForwardedRequest) -> Finding:
    """WebSockets come through, and the application is told who asks: websocket-proxied and client-forwarded in one."""
    upgraded = websocket_proxied(promise, survey, echo, request)
    return client_forwarded(promise, request) if upgraded.outcome is Outcome.PASS else upgraded


def client_forwarded(promise: Promise, request: ForwardedRequest) -> Finding:
    """The application sees the host asked for, the client's real address and the scheme, not what the client claims."""
    expected = "Host as sent; X-Real-IP and X-Forwarded-For the client's address; X-Forwarded-Proto https"
    said = {name: request.values(name) for name in ("Host", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto")}
    actual = "; ".join(f"{name}: {' | '.join(values) or 'missing'}" for name, values in said.items())
    claimed = {value for name, value in request.sent_headers if name.lower() in ("x-forwarded-for", "x-real-ip")}
    wrong = []
    if said["Host"] != (request.sent_host,):
        wrong.append(f"Host is {' | '.join(said['Host']) or 'missing'}, sent was {request.sent_host}")
    if said["X-Forwarded-Proto"] != ("https",):
        wrong.append(f"X-Forwarded-Proto is {' | '.join(said['X-Forwarded-Proto']) or 'missing'}")
    for name in ("X-Real-IP", "X-Forwarded-For"):
        addresses = [part.strip() for value in said[name] for part in value.split(",") if part.strip()]
        if not addresses:
            wrong.append(f"{name} is missing")
        elif addresses[0] in claimed:
            wrong.append(f"{name} believes the client, who claimed {addresses[0]}")
        elif request.client_address and addresses[-1] != request.client_address:
            wrong.append(f"{name} is {', '.join(addresses)}, the client is {request.client_address}")
    evidence = [f"{name}: {value}" for name, value in request.received]
    if wrong:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"the application is misled about the client: {'; '.join(wrong)}",
            hint="nginx: proxy_set_header Host $host, X-Real-IP and X-Forwarded-For $remote_addr, …-Proto $scheme",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def polluted_input_rejected(promise: Promise, survey: HttpSurvey) -> Finding:
    """A repeated parameter and an operator in a parameter are rejected with 400; the same request without is served."""
    expected = "400 for repeated parameters and operators, 200 without"
    control, tried = survey.of("public"), survey.of("polluted")
    if not control or control[0].status != OK or not tried or any(e.status is None for e in tried):
        return promise.unknown("the clean request was not served, so a rejection proves nothing", expected=expected)
    evidence = [e.where for e in (*control, *tried)]
    if passed := [e for e in tried if e.status != BAD_REQUEST]:
        return promise.broken(
            expected=expected,
            actual=passed[0].where,
            message=f"polluted input is not rejected: {passed[0].where}",
            hint="reject repeated names and names or values that carry operators, before any handler sees them",
            evidence=evidence,
        )
    return promise.kept(expected=expected, actual=f"400 on {len(tried)} requests", evidence=evidence)
