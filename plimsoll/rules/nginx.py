"""nginx configurations at rest, as rules read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from plimsoll.model import Hole, Spot
from plimsoll.observations import Directive
from plimsoll.observations.artefacts import NginxFiles, NginxTree
from plimsoll.observations.artefacts.source import meant

Context = tuple[str, ...]

SECURITY = (
    "Strict-Transport-Security",
    "Content-Security-Policy",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "X-XSS-Protection",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Resource-Policy",
)
"""Headers that protect whoever reads an answer, whatever its status (OWASP Secure Headers)."""

HTTP, HTTPS = 80, 443


@dataclass(frozen=True, slots=True)
class Listen:
    """One `listen`: its address ("" for all), its port, and whether TLS is spoken there."""

    directive: Directive
    address: str
    port: int
    secure: bool

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        if self.address.startswith("unix:") or self.address == "localhost":
            return True
        try:
            return ip_address(self.address.strip("[]")).is_loopback
        except ValueError:
            return False


def configs(nginx: NginxFiles, files: str = "") -> tuple[NginxTree, ...]:
    """The configurations whose names match a pattern; without one, those for production."""
    if files:
        return tuple(tree for tree in nginx.trees if meant(tree.source, files))
    return nginx.for_production()


def spot(directive: Directive) -> Spot:
    """Where a directive stands."""
    return Spot(directive.file, directive.line)


def place(context: Context) -> Spot:
    """Where a block begins; a block that was put around a piece begins nowhere."""
    file, _, line = context[-1].partition("#")[2].rpartition(":") if context else ("", "", "")
    return Spot(file, int(line)) if line.isdigit() else Spot(file)


def head(context: Context) -> str:
    """The innermost block as the file heads it: `location /api/`."""
    return context[-1].partition("#")[0] if context else "the file itself"


def kind(context: Context) -> str:
    """The innermost block's directive."""
    return head(context).partition(" ")[0] if context else ""


def is_web(context: Context) -> bool:
    """Whether a block belongs to the web's part of the configuration."""
    return bool(context) and context[0].startswith("http#")


def servers(tree: NginxTree) -> Iterator[Context]:
    """The blocks of web servers."""
    yield from (c for c in tree.blocks if kind(c) == "server" and is_web(c) and kind(c[:-1]) == "http")


def listens(tree: NginxTree, server: Context) -> list[Listen]:
    """Where a server listens. One that does not say listens on 80 (ngx_http_core_module, listen)."""
    return [listen for d in tree.inside(server) if d.name == "listen" and (listen := _listen(d))]


def _listen(directive: Directive) -> Listen | None:
    if not directive.arguments:
        return None
    where = directive.arguments[0]
    secure = any(word in directive.arguments[1:] for word in ("ssl", "quic"))
    if where.startswith("unix:"):
        return Listen(directive, where, 0, secure)
    address, _, port = where.rpartition(":") if not where.endswith("]") else (where, "", "")
    if not address and not port.isdigit():
        address, port = port, ""
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else HTTP  # noqa: PLR2004 - digits of 65535
    return Listen(directive, "" if address == "*" else address, number, secure)


def names(tree: NginxTree, server: Context) -> tuple[str, ...]:
    """The names that a server answers to, in lower case."""
    return tuple(word.lower() for d in tree.inside(server) if d.name == "server_name" for word in d.arguments)


def headers_set(tree: NginxTree, context: Context) -> dict[str, Directive]:
    """The headers that are passed on with a request in a block, by name in lower case."""
    return {d.arguments[0].lower(): d for d in tree.effective("proxy_set_header", context) if d.arguments}


def target(directive: Directive) -> tuple[str, str, str]:
    """Scheme, host (with its port, if it has one) and path of a `proxy_pass`; empty where a variable says."""
    url = directive.arguments[0] if directive.arguments else ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", ""
    if "$" in parts.netloc or url.startswith("$"):
        return parts.scheme, "", ""
    return parts.scheme, parts.netloc, parts.path


def passes(tree: NginxTree) -> Iterator[Directive]:
    """Every `proxy_pass` of the web's part."""
    return (d for d in tree.named("proxy_pass") if is_web(d.context) and d.arguments)


def has_gap(tree: NginxTree, context: Context) -> bool:
    """Whether a block, or one around it, includes a file that is not at hand."""
    return any(context[: len(gap)] == gap for gap in tree.gaps)


def unique(holes: Iterable[Hole]) -> list[Hole]:
    """The holes, each place once: a snippet that several blocks include is one place to mend."""
    return list({(hole.spot, hole.what): hole for hole in holes}.values())
