"""Health endpoints asked while their dependencies are away, beside paths nobody has, and looked up in the logs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from plimsoll.errors import OutOfReach
from plimsoll.model import Deployment
from plimsoll.observations import (
    AccessLog,
    HealthTrial,
    HealthTrials,
    HttpExchange,
    LoggedRequest,
    Sibling,
    Siblings,
)
from plimsoll.probes.web.askings import NOWHERE, Asking
from plimsoll.probes.web.http import Visitors, answers
from plimsoll.stacks.protocol import Interruptible, Logging, Stack
from plimsoll.wait import NotReady, wait_until

TURNS_SECONDS = 3.0
"""How long an endpoint may take to notice that a dependency went; orchestrators ask every 5 to 30 s."""

RECOVERS_SECONDS = 10.0
"""How long it may take to notice that the dependency is back."""

LOG_SECONDS = 2.0
"""How long a server may take to write its log down: nginx does so at once unless told to buffer."""

MARK_BYTES = 12

Exchanges = tuple[HttpExchange, ...]
Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Endpoints to ask while something is down: those that should turn, and those that should not care."""

    turning: tuple[Asking, ...]
    steady: tuple[Asking, ...] = ()


def trials(stack: Stack, deployment: Deployment, visitors: Visitors, plan: Mapping[str, Watch]) -> HealthTrials:
    """What the endpoints answer while each role of the plan is down. Raises OutOfReach where none may be."""
    if not isinstance(stack, Interruptible):
        raise OutOfReach(f"the services of a {stack.kind} stack are not ours to take down")

    taken = (_trial(stack, role, watch, _Asker(stack, deployment, visitors, watch)) for role, watch in plan.items())
    return HealthTrials(trials=tuple(taken), seen_at=datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks the endpoints of a watch, those that should turn first."""

    stack: Stack
    deployment: Deployment
    visitors: Visitors
    watch: Watch

    def __call__(self) -> Exchanges:
        return answers(self.stack, self.deployment, self.visitors, (*self.watch.turning, *self.watch.steady))


def _trial(stack: Interruptible, role: str, watch: Watch, ask: _Asker) -> HealthTrial:
    """One role is down for as long as it takes to be noticed, and back for as long as that takes to be noticed."""
    before, during, turning = ask(), list[HttpExchange](), len(watch.turning)

    def note() -> Exchanges:
        seen = ask()
        during.extend(seen)
        return seen

    with stack.interrupted(role):
        _until(note, lambda seen: _all_differ(seen, before[:turning]), seconds=TURNS_SECONDS)
    after = _until(ask, lambda seen: _alike(seen, before), seconds=RECOVERS_SECONDS)
    return HealthTrial(down=role, before=before, during=tuple(during), after=after)


def siblings(stack: Stack, deployment: Deployment, visitors: Visitors, askings: Iterable[Asking]) -> Siblings:
    """Each endpoint beside a path in the same place that nobody has."""
    known = tuple(askings)
    unknown = [replace(each, path=_beside(each.path)) for each in known]
    seen = answers(stack, deployment, visitors, known), answers(stack, deployment, visitors, unknown)
    pairs = (Sibling(known=one, unknown=other) for one, other in zip(*seen, strict=True))
    return Siblings(pairs=tuple(pairs), seen_at=datetime.now(UTC))


def logged(stack: Stack, deployment: Deployment, visitors: Visitors, askings: Iterable[Asking]) -> AccessLog:
    """What the stack's logs say of those requests, the last of which is the control: once it is there, so are all."""
    if not isinstance(stack, Logging):
        raise OutOfReach(f"a {stack.kind} stack shows no logs")
    marked = [(replace(each, path=_marked(each.path, mark)), mark) for each in askings for mark in [_mark()]]
    seen = [answers(stack, deployment, visitors, [asking]) for asking, _ in marked]  # one after the other
    lines: dict[str, tuple[str, ...]] = {}

    def read() -> bool:
        folder = stack.logs
        lines.update({mark: tuple(_lines_with(folder, mark)) for _, mark in marked})
        return bool(marked and lines[marked[-1][1]])

    _until(read, bool, seconds=LOG_SECONDS)
    requests = (
        LoggedRequest(exchange=replace(exchange, url=exchange.url.partition("?")[0]), lines=lines[mark])
        for (_, mark), exchanges in zip(marked, seen, strict=True)
        for exchange in exchanges
    )
    return AccessLog(requests=tuple(requests), seen_at=datetime.now(UTC))


def _until(observe: Callable[[], Seen], ready: Callable[[Seen], bool], *, seconds: float) -> Seen:
    """What was seen when it was ready, or last of all: whoever reads it judges."""
    seen: list[Seen] = []

    def look() -> Seen:
        seen[:] = [observe()]
        return seen[0]

    with suppress(NotReady):
        wait_until(look, ready, timeout=seconds)
    return seen[0]


def _all_differ(seen: Exchanges, was: Exchanges) -> bool:
    return all(now.status != then.status for now, then in zip(seen, was, strict=False))


def _alike(seen: Exchanges, was: Exchanges) -> bool:
    return not any(now.status != then.status for now, then in zip(seen, was, strict=True))


def _beside(path: str) -> str:
    """A path in the same folder that nobody has."""
    return path.partition("?")[0].rpartition("/")[0] + NOWHERE


def _mark() -> str:
    return secrets.token_hex(MARK_BYTES)


def _marked(path: str, mark: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}plimsoll={mark}"


def _lines_with(folder: Path, mark: str) -> Iterator[str]:
    """The lines of all logs in a folder that show the mark."""
    wanted = mark.encode()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        with suppress(OSError), file.open("rb") as log:
            for line in log:
                if wanted in line:
                    yield f"{file.relative_to(folder)}: {line.decode('utf-8', 'replace').strip()}"
