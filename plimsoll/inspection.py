"""One stack inspected: every look is taken once, and the rules judge what was seen.

The only place where probes and rules meet: a rule's signature says what it reads, looks.py how that is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Lock

from plimsoll.errors import CouldNotLook, NothingOfTheKind, OutOfReach, PlimsollError
from plimsoll.looks import ALONE, DEEP, LOOKS, Scene, at_rest, of_drills, of_load
from plimsoll.looks.scene import roles_of
from plimsoll.model import Finding, Outcome, Promise
from plimsoll.observations import Observation
from plimsoll.observations.artefacts import Artefacts
from plimsoll.promises import NEEDS
from plimsoll.rules import RULES
from plimsoll.wait import SYSTEM_CLOCK

SIDE_BY_SIDE = 8
HEARTBEAT = 0.5
"""Seconds after which whoever waits for a look sees whether a signal has come."""


class Inspection:
    """The looks and judgements of one stack. Looks the promises need start at once, side by side where they may."""

    def __init__(self, scene: Scene, promises: Iterable[Promise]) -> None:
        self._scene = replace(scene.afresh(), taken=self.taken)
        self._looks: dict[type, Future[Observation]] = {}
        self._lock = Lock()
        needed = {kind for p in promises if not self._lacks(p) for kind in RULES[p.rule].reads}
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        self._alone = ThreadPoolExecutor(1)
        for kind in sorted(needed, key=lambda kind: (kind in ALONE, list(LOOKS).index(kind))):
            self._look(kind)

    def judge(self, promise: Promise) -> Finding:
        """The finding on one promise. Whatever goes wrong on the way is UNKNOWN, never PASS and never FAIL."""
        started = SYSTEM_CLOCK.monotonic()
        return replace(self._judged(promise), seconds=SYSTEM_CLOCK.monotonic() - started)

    def taken(self) -> tuple[Observation, ...]:
        """What was seen by the looks that were taken, whichever promise needed them."""
        return tuple(
            look.result()
            for look in list(self._looks.values())
            if look.done() and not look.cancelled() and not look.exception()
        )

    def observed(self, kind: type[Observation]) -> Observation | None:
        """What one look sees, taken now if no promise needed it; None where there is nothing to see."""
        try:
            return self._seen(kind, needed=False)
        except PlimsollError:
            return None

    def close(self) -> None:
        """No look is under way any more."""
        self._alone.shutdown(cancel_futures=True)
        self._pool.shutdown(cancel_futures=True)

    def _judged(self, promise: Promise) -> Finding:
        rule = RULES[promise.rule]
        try:
            self._within_reach(promise)
            seen = [self._seen(kind, needed=needed) for kind, needed in rule.reads.items()]
            finding = rule.judge(promise, *seen, **promise.parameters)
        except NothingOfTheKind as error:
            if promise.general:
                return promise.not_applicable(error.fact)
            return promise.unknown(error.fact, hint="the promise speaks of a file that is not there")
        except PlimsollError as error:
            return promise.unknown(error.fact, hint=error.hint, out_of_reach=isinstance(error, OutOfReach))
        except Exception as error:  # noqa: BLE001 - a crash must look neither like a kept promise nor like a broken one
            fact = f"the harness crashed: {type(error).__name__}: {error}"
            return promise.unknown(fact, hint="this is a defect of its own, not of the deployment")
        return _explained(_doubted(finding, seen), seen)

    def _within_reach(self, promise: Promise) -> None:
        """Raises OutOfReach when this stack cannot show what the promise speaks of."""
        stack = self._scene.stack
        if lacking := self._lacks(promise):
            raise OutOfReach(f"{' and '.join(NEEDS[need] for need in lacking)}; a {stack.kind} stack has none")
        shown = {endpoint.role for endpoint in stack.endpoints}
        for role in () if at_rest(promise) or of_drills(promise) or of_load(promise) else roles_of(promise):
            if role not in shown:
                raise OutOfReach(f"a {stack.kind} stack shows no {role} endpoint")

    def _lacks(self, promise: Promise) -> list[str]:
        return [need for need in promise.needs if need not in self._scene.stack.provides]

    def _seen(self, kind: type[Observation], *, needed: bool) -> Observation | None:
        """What was seen; None where a rule can do without what is out of reach."""
        try:
            observation = _heard(self._look(kind))
        except OutOfReach:
            if needed:
                raise
            return None
        if needed and observation.amount == 0:
            raise CouldNotLook(f"nothing was seen: {getattr(observation, 'trouble', '') or 'no answer'}")
        return observation if observation.amount else None  # nothing seen is no evidence of anything

    def _look(self, kind: type[Observation]) -> Future[Observation]:
        """The one look of that kind, begun when it is first asked for."""
        with self._lock:
            if kind not in self._looks:
                others = list(self._looks.values())
                pool = self._alone if kind in ALONE else self._pool
                self._looks[kind] = pool.submit(self._take, kind, others if kind in ALONE else [])
            return self._looks[kind]

    def _take(self, kind: type[Observation], after: list[Future[Observation]]) -> Observation:
        wait(after)
        if kind in DEEP and not self._scene.deep:
            raise OutOfReach("this run answers in seconds", hint="suites/security looks deeper")
        return LOOKS[kind](self._scene)


def _heard(look: Future[Observation]) -> Observation:
    """What the look saw. A signal that comes just before an endless wait begins would not be heard until its end."""
    while not wait((look,), timeout=HEARTBEAT).done:
        pass
    return look.result()


def _doubted(finding: Finding, seen: Iterable[Observation | None]) -> Finding:
    """The finding; that all is well cannot be said of files that could not be understood."""
    troubles = [trouble for files in seen if isinstance(files, Artefacts) for trouble in files.troubles]
    if finding.outcome is not Outcome.PASS or not troubles:
        return finding
    more = f", and {len(troubles) - 1} more" if len(troubles) > 1 else ""
    return finding.promise.unknown(
        f"{troubles[0].spot}: {troubles[0].what}{more}; what could be read keeps the promise",
        expected=finding.expected,
        hint="mend the file, then judge it again",
        evidence=[f"{trouble.spot}: {trouble.what}" for trouble in troubles],
    )


def _explained(finding: Finding, seen: Iterable[Observation | None]) -> Finding:
    """The finding; one that could not tell and shows no evidence says what the looks stumbled over."""
    troubles = {getattr(observation, "trouble", "") for observation in seen}
    untold = sorted(trouble for trouble in troubles if trouble and trouble not in finding.message)
    if finding.outcome is not Outcome.UNKNOWN or finding.out_of_reach or finding.evidence or not untold:
        return finding
    return replace(finding, message="; a request got no answer: ".join([finding.message, *untold]))
