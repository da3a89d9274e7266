"""Which line of nginx's configuration is to blame for a header that is not where it should be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from plimsoll.observations import Directive, HttpExchange, NginxConfig

NGINX_ADDS_ON = frozenset({200, 201, 204, 206, 301, 302, 303, 304, 307, 308})
"""Statuses on which nginx sends add_header without `always` (ngx_http_headers_module)."""

Context = tuple[str, ...]


def line_to_blame(config: NginxConfig, exchange: HttpExchange, name: str, *, missing: bool) -> str:
    """Why the header is missing, or where it is set, as far as the configuration says; else ""."""
    lines = [line for line in config.named("add_header") if line.arguments[:1] and _is(line, name)]
    if not lines:
        return "no add_header for it in the configuration"
    context = answering(config, exchange)
    here = [line for line in lines if context is None or line in config.effective("add_header", context)]
    if missing and exchange.status not in NGINX_ADDS_ON:
        for line in here:
            if "always" not in line.arguments[2:]:
                return f"{line.where} lacks `always`"
    if here and missing and (inner := _condition(config, here[0].context if context is None else context)):
        return _drops(inner, here[0])
    if here or context is None:
        return f"set at {(here or lines)[0].where}"
    return _dropped(config, context, lines) if missing else ""


def _condition(config: NginxConfig, context: Context) -> Directive | None:
    """An add_header of an `if` inside a block: where it holds, it answers in the block's stead."""
    depth = len(context)
    inside = (d for d in config.named("add_header") if len(d.context) > depth and d.context[:depth] == context)
    return next((d for d in inside if d.context[depth].startswith("if ")), None)


def _drops(own: Directive, dropped: Directive) -> str:
    block, _, place = own.context[-1].rpartition("#")
    return f"{block} at {place} has an add_header of its own ({own.where}), which drops {dropped.where}"


def _dropped(config: NginxConfig, context: Context, lines: Sequence[Directive]) -> str:
    """Which block's own headers make those around it void (ngx_http_headers_module: inherited only if it has none)."""
    own = config.effective("add_header", context)
    if merge := config.effective("add_header_inherit", context):
        return f"{merge[0].where} says how headers are inherited here" if "off" in merge[0].arguments else ""
    outer = [line for line in lines if line.context == context[: len(line.context)]]
    if own and outer:
        return _drops(own[0], outer[-1])
    server = context[1] if len(context) > 1 else context[-1]
    return f"no add_header for it in the server block at {server.rpartition('#')[2]}"


def answering(config: NginxConfig, exchange: HttpExchange) -> Context | None:
    """The block that answers a request: a location, else the server; where an error page is set, that page's."""
    url = urlsplit(exchange.url)
    server = _server(config, url.scheme, exchange.host)
    if server is None:
        return None
    context = _location(config, server, unquote(url.path) or "/")
    for page in config.effective("error_page", context):
        if str(exchange.status) in page.arguments[:-1]:
            return _location(config, server, page.arguments[-1].partition("?")[0])
    return context


def _server(config: NginxConfig, scheme: str, host: str) -> Context | None:
    """The server block for a name: exact, by wildcard, the default one, the first (nginx: "Server names")."""
    blocks = [d.inside for d in config.named("server") if not d.arguments and d.context[:1] == d.inside[:1]]
    served = [block for block in blocks if _speaks_tls(config, block) == (scheme == "https")]
    ranked = sorted(served, key=lambda block: _rank(config, block, host))
    return ranked[0] if ranked else None


def _rank(config: NginxConfig, block: Context, host: str) -> int:
    names = [name for d in _directly(config, "server_name", block) for name in d.arguments]
    default = any("default_server" in d.arguments for d in _directly(config, "listen", block))
    if host in names:
        return 0
    if any(name.startswith(("*.", ".")) and f".{host}".endswith(f".{name.lstrip('*.')}") for name in names):
        return 1
    return 2 if default else 3


def _speaks_tls(config: NginxConfig, block: Context) -> bool:
    return any("ssl" in d.arguments for d in _directly(config, "listen", block))


def _location(config: NginxConfig, context: Context, path: str) -> Context:
    """The innermost location for a path (nginx: `location`): exact, then patterns in order, then the longest prefix."""
    while (inner := _best(list(_directly(config, "location", context)), path)) is not None:
        context = inner.inside
    return context


def _best(locations: Sequence[Directive], path: str) -> Directive | None:
    longest: Directive | None = None
    for each in locations:
        *modifier, text = each.arguments or ("",)
        if text == path and (modifier == ["="] or text.startswith("@")):
            return each
        if (
            modifier in ([], ["^~"])
            and path.startswith(text)
            and (longest is None or len(text) > len(longest.arguments[-1]))
        ):
            longest = each
    if longest is not None and longest.arguments[0] == "^~":
        return longest
    return next((each for each in locations if _matches(each, path)), longest)


def _matches(location: Directive, path: str) -> bool:
    """Whether the location's pattern fits; one that only nginx's library understands fits nothing."""
    if location.arguments[0] not in ("~", "~*"):
        return False
    try:
        return re.search(location.arguments[-1], path, re.IGNORECASE * (location.arguments[0] == "~*")) is not None
    except re.error:
        return False


def _directly(config: NginxConfig, name: str, context: Context) -> Iterator[Directive]:
    return (d for d in config.named(name) if d.context == context)


def _is(line: Directive, name: str) -> bool:
    return line.arguments[0].lower() == name.lower()
