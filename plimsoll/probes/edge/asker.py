"""Who asks odd things: each request as it is written, and none after a server has kept silent over several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from plimsoll.model import Deployment
from plimsoll.observations import HttpExchange
from plimsoll.probes.edge import raw
from plimsoll.probes.web.hosts import endpoint_at
from plimsoll.probes.web.http import SILENCES, Visitors
from plimsoll.probes.wire import GLANCE, Headers
from plimsoll.stacks.protocol import Endpoint, Stack

SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """One request to send."""

    kind: str
    method: str
    target: str
    role: str = "edge"
    host: str = ""
    headers: Headers = ()
    hosts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, on which stack, as which visitors."""

    stack: Stack
    deployment: Deployment
    visitors: Visitors
    deadline: float
    told: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def roles(self, *wanted: str) -> list[str]:
        """Those of these roles that the stack shows."""
        return [role for role in wanted if any(endpoint.role == role for endpoint in self.stack.endpoints)]

    def endpoint(self, role: str, host: str = "") -> Endpoint:
        """The first endpoint of a role that the stack shows, under that host if one is named."""
        return endpoint_at(self.stack, self.deployment, role, host)

    def at(self, kind: str, role: str = "edge") -> tuple[Endpoint, str]:
        """Where the example of a path class is, and its path; the root where none is named."""
        host, path = self.deployment.place(kind) if kind in self.deployment.paths else ("", "/")
        return self.endpoint(role, host), path

    def get(self, kind: str, called: str, *, headers: Headers = (), query: str = "") -> HttpExchange:
        """What an ordinary client gets for the example of a path class at the edge."""
        endpoint, path = self.at(kind)
        if query:
            path = f"{path}{'&' if '?' in path else '?'}{query}"
        asked = HttpExchange(kind=called, role="edge", method="GET", url=endpoint.url(path))
        client = self.visitors.client(endpoint)
        return self.heard(asked, lambda: client.exchange(called, "GET", path, headers=headers))

    def heard(self, asked: HttpExchange, ask: Callable[[], HttpExchange]) -> HttpExchange:
        """What it got; whoever keeps silent over the first requests is not asked the rest, so that every look ends."""
        if why := self.visitors.silences.given_up(asked.role):
            return replace(asked, trouble=why)
        if self.told[asked.role, False] >= SILENCES and not self.told[asked.role, True]:
            return replace(asked, trouble=f"not asked: {SILENCES} requests before it got no answer")
        seen = ask()
        self.told[asked.role, seen.status is not None or seen.closed or seen.cut] += 1
        self.visitors.silences.told(asked.role, seen)
        return seen

    def ask(self, oddity: Oddity) -> HttpExchange:
        """What one of them got."""
        edge = oddity.role.startswith("edge")
        endpoint = self.endpoint(oddity.role, oddity.host if edge else "")
        asked = HttpExchange(kind=oddity.kind, role=oddity.role, method=oddity.method, url=endpoint.url(oddity.target))
        seen = self.heard(
            asked,
            lambda: raw.exchange(
                endpoint,
                oddity.kind,
                oddity.method,
                oddity.target,
                headers=oddity.headers,
                hosts=oddity.hosts,
                source=self.visitors.source() if edge else "",
                deadline=self.deadline,
                body_limit=GLANCE,
            ),
        )
        return replace(seen, role="edge" if oddity.role.startswith("edge") else oddity.role)

    def all(self, oddities: Iterable[Oddity]) -> tuple[HttpExchange, ...]:
        """What all of them got, in their order."""
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return tuple(pool.map(self.ask, oddities))
