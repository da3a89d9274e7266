"""Every look is taken once, and whatever goes wrong on the way is unknown: never kept, never broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Lock

import pytest

from plimsoll import inspection, looks
from plimsoll.errors import CouldNotLook, OutOfReach, StackFailed
from plimsoll.inspection import Inspection
from plimsoll.looks import ALONE, LOOKS, Scene
from plimsoll.model import Deployment, Finding, Limits, Outcome, Promise
from plimsoll.observations import (
    ApplicationBurst,
    EdgeBurst,
    ForwardedRequest,
    HttpSurvey,
    NginxConfig,
    Observation,
    Outage,
    SlowClients,
    TlsSurveys,
    WebSocketEcho,
)
from plimsoll.rules import RULES
from tests.quiet_stack import QuietStack
from tests.rules.cases import build

PROMISE = Promise(id="P", rule="http2-offered", area="tls", title="", source="")
FRAMES = replace(PROMISE, rule="header-equals", parameters={"name": "X-Frame-Options", "value": "DENY"})
THROTTLED = replace(PROMISE, rule="request-rate-limited", parameters={"rate": 1.0, "burst": 2})
PATIENT = replace(PROMISE, rule="slow-clients-cut-off", parameters={"within": {"headers": 10}})

HTTP2 = build({"surveys": [{}]}, TlsSurveys)
NO_HEADER = build({"exchanges": [{}]}, HttpSurvey)
CONFIG = build({"directives": [{"name": "server_tokens", "arguments": ["off"]}]}, NginxConfig)
THROTTLE = build({"statuses": [200, 200, 429]}, EdgeBurst)
DOWN = build({"exchanges": [{"status": 502}]}, Outage)

Looks = Mapping[type[Observation], Observation | Exception | Callable[[], Observation]]
Judge = Callable[..., Finding]


def scene(stack: QuietStack | None = None, **said: object) -> Scene:
    """The scene of a deployment, as far as it is said, on that stack."""
    deployment = Deployment(name="site", root=Path("/nowhere"), hosts=("site.example",), promises=(PATIENT,))
    return Scene.of(replace(deployment, **said), stack or QuietStack())  # type: ignore[arg-type] # passed on


@contextmanager
def inspecting(patch: pytest.MonkeyPatch, looks: Looks, *promises: Promise) -> Iterator[Inspection]:
    """An inspection whose looks see, or raise, what is said; all others are out of reach."""

    def look(kind: type[Observation]) -> Callable[[Scene], Observation]:
        seen = looks.get(kind, OutOfReach(f"no {kind.__name__} here", hint="look elsewhere"))

        def taken(_: Scene) -> Observation:
            if isinstance(seen, Exception):
                raise seen
            return seen() if callable(seen) else seen

        return taken

    patch.setattr(inspection, "LOOKS", {kind: look(kind) for kind in LOOKS})
    begun = Inspection(scene(), promises)
    yield begun
    begun.close()


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    """The finding on one promise, given what is seen."""

    def judged(promise: Promise, looks: Looks | None = None) -> Finding:
        with inspecting(monkeypatch, looks or {}, promise) as begun:
            return begun.judge(promise)

    return judged


def test_what_is_seen_is_judged(judge: Judge) -> None:
    """The rule gets the observation that its signature names; the finding says how long it took."""
    finding = judge(PROMISE, {TlsSurveys: HTTP2})

    assert (finding.outcome, finding.promise) == (Outcome.PASS, PROMISE)
    assert 0 < finding.seconds < 5


@pytest.mark.parametrize(
    ("trouble", "message", "out_of_reach"),
    [
        (CouldNotLook("the host does not answer", hint="h"), "the host does not answer", False),
        (OutOfReach("no TLS here", hint="h"), "no TLS here", True),
        (StackFailed("nginx died", hint="h"), "nginx died", False),
        (ZeroDivisionError("1/0"), "the harness crashed: ZeroDivisionError: 1/0", False),
        (KeyError("x"), "the harness crashed: KeyError: 'x'", False),
        (AssertionError(), "the harness crashed: AssertionError: ", False),
    ],
)
def test_a_look_that_fails_is_unknown(judge: Judge, trouble: Exception, message: str, out_of_reach: bool) -> None:
    """Neither an unreachable server nor a defect of the harness breaks a promise."""
    finding = judge(PROMISE, {TlsSurveys: trouble})

    assert (finding.outcome, finding.message, finding.out_of_reach) == (Outcome.UNKNOWN, message, out_of_reach)
    assert finding.hint


def test_a_rule_that_crashes_is_unknown(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of a rule breaks no promise either."""

    def crash(*_: object, **__: object) -> Finding:
        raise ValueError("not a number")

    monkeypatch.setitem(RULES, PROMISE.rule, replace(RULES[PROMISE.rule], judge=crash))
    finding = judge(PROMISE, {TlsSurveys: HTTP2})

    assert (finding.outcome, finding.message) == (Outcome.UNKNOWN, "the harness crashed: ValueError: not a number")


def test_nothing_seen_is_unknown(judge: Judge) -> None:
    """An observation of zero things is evidence of nothing; it says why, if it knows."""
    silent = build({"exchanges": [{"status": None, "trouble": "connection reset"}]}, HttpSurvey)

    findings = [judge(FRAMES, {HttpSurvey: silent}), judge(PROMISE, {TlsSurveys: build({}, TlsSurveys)})]

    assert [f.outcome for f in findings] == [Outcome.UNKNOWN] * 2
    assert [f.message for f in findings] == ["nothing was seen: connection reset", "nothing was seen: no answer"]


def test_a_rule_does_without_what_is_out_of_reach(judge: Judge) -> None:
    """Where a stack cannot show what would only explain a failure, the rule judges without it."""
    alone = judge(FRAMES, {HttpSurvey: NO_HEADER})
    explained = judge(FRAMES, {HttpSurvey: NO_HEADER, NginxConfig: CONFIG})

    assert (alone.outcome, explained.outcome) == (Outcome.FAIL, Outcome.FAIL)
    assert "(" not in alone.message
    assert explained.message.endswith("(no add_header for it in the configuration)")


def test_what_could_have_been_seen_is_not_done_without(judge: Judge) -> None:
    """A look that failed might have shown the promise broken."""
    finding = judge(FRAMES, {HttpSurvey: NO_HEADER, Outage: CouldNotLook("the application would not stop")})

    assert (finding.outcome, finding.message) == (Outcome.UNKNOWN, "the application would not stop")


def test_an_empty_observation_explains_nothing(judge: Judge) -> None:
    """What a rule can do without is None when nothing was seen, too."""
    finding = judge(FRAMES, {HttpSurvey: NO_HEADER, NginxConfig: build({}, NginxConfig)})

    assert finding.outcome is Outcome.FAIL
    assert "(" not in finding.message


def test_needs_that_a_stack_lacks_are_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked at for a promise that this stack cannot show; where it has what is needed, it is judged."""
    looked: list[str] = []

    def look() -> Observation:
        looked.append("tls")
        return HTTP2

    promise = replace(PROMISE, needs=("cdn", "cluster"))
    with inspecting(monkeypatch, {TlsSurveys: look}, promise) as begun:
        finding = begun.judge(promise)

    assert (finding.outcome, finding.out_of_reach, looked) == (Outcome.UNKNOWN, True, [])
    assert finding.message.startswith("needs the CDN in front of the origin and needs a Kubernetes cluster; a quiet ")
    everything = scene(QuietStack(provides=frozenset({"cdn", "cluster"})))
    begun = Inspection(everything, [promise])
    assert begun.judge(promise).outcome is Outcome.PASS
    begun.close()


def test_each_look_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many promises ask for it at the same moment, and whether or not it was begun before."""
    taken: list[str] = []
    together = Barrier(8)

    def look(name: str, seen: Observation) -> Callable[[], Observation]:
        def counted() -> Observation:
            taken.append(name)
            return seen

        return counted

    looks: Looks = {TlsSurveys: look("tls", HTTP2), HttpSurvey: look("http", NO_HEADER)}
    with inspecting(monkeypatch, looks, PROMISE) as begun:

        def at_once(promise: Promise) -> Outcome:
            together.wait(10)
            return begun.judge(promise).outcome

        with ThreadPoolExecutor(8) as threads:
            outcomes = list(threads.map(at_once, [PROMISE, FRAMES] * 4))

    assert outcomes == [Outcome.PASS, Outcome.FAIL] * 4
    assert sorted(taken) == ["http", "tls"]


def test_looks_that_disturb_wait_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others run side by side; a burst and an outage follow when all of those are done, one after the other."""
    story: list[str] = []
    lock, side_by_side = Lock(), Barrier(2)

    def look(kind: type[Observation], seen: Observation) -> Callable[[], Observation]:
        def told() -> Observation:
            with lock:
                story.append(f"{kind.__name__} begins")
            if kind not in ALONE:
                side_by_side.wait(10)
            with lock:
                story.append(f"{kind.__name__} ends")
            return seen

        return told

    seen: Mapping[type[Observation], Observation] = {
        EdgeBurst: THROTTLE,
        Outage: DOWN,
        TlsSurveys: HTTP2,
        HttpSurvey: NO_HEADER,
    }
    looks: Looks = {kind: look(kind, observation) for kind, observation in seen.items()}
    with inspecting(monkeypatch, looks, THROTTLED, FRAMES, PROMISE) as begun:
        for promise in (THROTTLED, FRAMES, PROMISE):
            begun.judge(promise)

    assert sorted(story[:2]) == ["HttpSurvey begins", "TlsSurveys begins"]
    assert sorted(story[2:4]) == ["HttpSurvey ends", "TlsSurveys ends"]
    assert story[4:] == ["Outage begins", "Outage ends", "EdgeBurst begins", "EdgeBurst ends"]


def test_a_failing_look_does_not_stop_those_that_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The burst waits for the others to be over, however they end."""
    with inspecting(monkeypatch, {TlsSurveys: OSError("no"), EdgeBurst: THROTTLE}, PROMISE, THROTTLED) as begun:
        assert begun.judge(THROTTLED).outcome is Outcome.PASS
        assert begun.judge(PROMISE).outcome is Outcome.UNKNOWN


def test_every_rule_reads_what_somebody_looks_at() -> None:
    """An observation without a look would crash the inspection before it begins."""
    assert {kind for rule in RULES.values() for kind in rule.reads} <= LOOKS.keys()
    assert set(ALONE) <= LOOKS.keys()


@pytest.mark.parametrize(
    ("kind", "where", "why"),
    [
        (WebSocketEcho, scene(), "this deployment names no websocket path"),
        (ForwardedRequest, scene(), "this deployment names no path that shows a request"),
        (SlowClients, scene(), "takes 14 s of waiting, this run waits 3 s at most"),
        (EdgeBurst, scene(), "a burst of requests is intrusive, and this quiet target does not allow it"),
        (ApplicationBurst, scene(), "this deployment states no quota"),
        (ApplicationBurst, scene(limits=Limits(quota=9)), "using up a quota is intrusive, and this quiet target does"),
        (Outage, scene(), "the application of a quiet stack is not ours to take down"),
        (NginxConfig, scene(), "the configuration of the edge is not among this deployment's artefacts"),
    ],
)
def test_looks_know_their_reach(kind: type[Observation], where: Scene, why: str) -> None:
    """What this stack or deployment cannot show, or should not be asked, is said before anything is sent."""
    with pytest.raises(OutOfReach, match=why):
        LOOKS[kind](where)


def test_made_up_clients_are_new_every_time() -> None:
    """A quota outlives the look that used it up."""
    pairs = [looks.clients._made_up() for _ in range(20)]

    assert len({address for pair in pairs for address in pair}) == 40
    assert all(address.startswith("198.18.") for pair in pairs for address in pair)
