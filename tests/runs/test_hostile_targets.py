"""Whatever a live target does, the run ends in time, blames what is to blame, and never crashes."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from plimsoll.model import Outcome
from tests.probes import hostile
from tests.probes.hostile import Talk
from tests.runs.conftest import a_place
from tests.runs.place import Ended, Place
from tests.runs.targets import HOST, Authority, target

BROKEN, COULD_NOT_TELL = 1, 2
SIDE_BY_SIDE = 10
MINUTE = 60.0
LONGEST = 50.0
"""Seconds for a run of the baseline: two waves of eight requests at 10 s each, on a machine busy with nine others and
with another test."""

FROM_FILES = {"NM-EDG-12", "NM-TLS-03", "NM-TLS-04"}
FROM_HANDSHAKES = {"NM-EDG-09", "NM-TLS-01", "NM-TLS-02", "NM-TLS-05"}
"""What of nestmap is known when no request is answered."""

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
HEADERS = ("BASE-HDR-HSTS", "BASE-HDR-SNIFF", "BASE-HDR-VERSION")
TLS = ("BASE-TLS-VERSIONS", "BASE-TLS-NAMES", "BASE-TLS-DAYS")
REDIRECT, HIDDEN = "BASE-EDGE-HTTPS", "BASE-EDGE-DOTFILES"
SILENT = dict.fromkeys((REDIRECT, HIDDEN, *HEADERS), UNKNOWN)
"""What a run says of a server that gives no usable answer to any request."""

NO_TLS = {**SILENT, **dict.fromkeys(TLS, UNKNOWN)}
GOOD_TLS = {**SILENT, **dict.fromkeys(TLS, PASS)}
ANSWERS = {**GOOD_TLS, "BASE-HDR-HSTS": FAIL, "BASE-HDR-SNIFF": FAIL, "BASE-HDR-VERSION": PASS, REDIRECT: PASS}
"""A server that answers every request alike, with nothing that was promised in its headers, and no plain port."""

SERVES_ALL = {**ANSWERS, HIDDEN: PASS}
"""A server that also has an ordinary page, which it gives for every path: a file that it never shows is hidden."""

page = hostile.says(hostile.OK + b"Content-Length: 5\r\n\r\nhello")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A server that misbehaves in one way, and what a run must say of it, also in words."""

    talk: Talk
    outcomes: Mapping[str, Outcome]
    says: str
    tls: Callable[[Authority], ssl.SSLContext] | None = Authority.context


CASES: Mapping[str, Case] = {
    "resets": Case(talk=hostile.resets, tls=None, outcomes=NO_TLS, says="connection reset by"),
    "tls-garbage": Case(talk=hostile.tls_garbage, tls=None, outcomes=NO_TLS, says="no TLS handshake with"),
    "plain-http": Case(
        talk=hostile.plain_bad_request, tls=None, outcomes=NO_TLS, says="the server speaks plain HTTP on this TLS port"
    ),
    "expired": Case(
        talk=page,
        tls=lambda authority: authority.context(days=-3),
        outcomes={**GOOD_TLS, "BASE-TLS-NAMES": FAIL, "BASE-TLS-DAYS": FAIL},
        says=f"the certificate does not hold for {HOST}: certificate has expired",
    ),
    "self-signed": Case(
        talk=page,
        tls=lambda _: Authority.new().context(),
        outcomes={**GOOD_TLS, "BASE-TLS-NAMES": FAIL},
        says=f"the certificate does not hold for {HOST}: unable to get local issuer certificate",
    ),
    "wrong-name": Case(
        talk=page,
        tls=lambda authority: authority.context("other.example"),
        outcomes={**GOOD_TLS, "BASE-TLS-NAMES": FAIL},
        says=f"certificate is not valid for '{HOST}'",
    ),
    "redirect-loop": Case(talk=hostile.redirect_loop, outcomes=ANSWERS, says="no ordinary page was served"),
    "endless-headers": Case(talk=hostile.endless_headers, outcomes=GOOD_TLS, says="a header longer than 65536 bytes"),
    "endless-body": Case(
        talk=hostile.endless_body,
        outcomes=SERVES_ALL,
        says="Strict-Transport-Security is not as promised on every response",
    ),
    "gzip-bomb": Case(
        talk=hostile.gzip_bomb,
        outcomes=SERVES_ALL,
        says="Strict-Transport-Security is not as promised on every response",
    ),
    "slow-header": Case(talk=hostile.slow_header, outcomes=GOOD_TLS, says="no complete header within 10 s"),
    "slow-body": Case(talk=hostile.slow_body, outcomes=ANSWERS, says="no complete body within 10 s"),
    "long-header": Case(talk=hostile.long_header, outcomes=GOOD_TLS, says="a header longer than 65536 bytes"),
    "invalid-utf-8": Case(
        talk=hostile.invalid_utf_8,
        outcomes=SERVES_ALL,
        says="Strict-Transport-Security is not as promised on every response",
    ),
    "http-0.9": Case(talk=hostile.http_0_9, outcomes=GOOD_TLS, says="not HTTP: the answer began with"),
    "tarpit": Case(talk=hostile.says_nothing, tls=None, outcomes=NO_TLS, says="no TLS handshake with"),
    "tls-tarpit": Case(talk=hostile.says_nothing, outcomes=GOOD_TLS, says="no complete header within 10 s"),
}

TARPITS = ("tarpit", "tls-tarpit")
SLOW = (*TARPITS, "slow-header", "slow-body")


@pytest.fixture(scope="module")
def runs() -> Iterator[Mapping[str, Ended]]:
    """A run against each of them, and every promise of nestmap against the tarpits, all side by side: they wait."""
    authority = Authority.new()
    with a_place() as place, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:

        def judged(name: str) -> Ended:
            case = CASES[name]
            context = case.tls(authority) if case.tls else None
            with target(place, name, case.talk, authority=authority, tls=context) as (folder, _):
                return place.run("--deployment", str(folder), reports=f"reports-{name}")

        def judged_in_full(name: str) -> Ended:
            context = authority.context("your-domain.com") if CASES[name].tls else None
            with hostile.serving(CASES[name].talk, tls=context) as server:
                url, ca = f"https://127.0.0.1:{server.address[1]}", authority.file(place.folder)
                options = ("--url", url, "--ca", str(ca), "--patience", "13")
                return place.run(*options, reports=f"reports-every-promise-{name}")

        in_full = {f"every promise, {name}": pool.submit(judged_in_full, name) for name in TARPITS}
        by_name = {name: pool.submit(judged, name) for name in sorted(CASES, key=lambda name: name not in SLOW)}
        yield {name: run.result() for name, run in {**in_full, **by_name}.items()}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_target_is_judged_fairly(runs: Mapping[str, Ended], name: str) -> None:
    """Broken is what was seen broken; whatever could not be seen is unknown, and says why."""
    case, ended = CASES[name], runs[name]
    assert ended.outcomes == case.outcomes, ended.output
    assert ended.code == (BROKEN if FAIL in case.outcomes.values() else COULD_NOT_TELL)
    assert any(case.says in finding.message for finding in ended.verdict.findings), ended.output
    assert ended.calm
    assert ended.seconds < LONGEST


def test_nothing_listens(place: Place) -> None:
    """Every promise is unknown, for the one reason."""
    with hostile.nobody() as empty:
        port = empty.address[1]
        ended = place.run("--deployment", str(Authority.new().deployment(place, "nothing", port=port, plain=port)))
    assert (ended.code, ended.calm) == (COULD_NOT_TELL, True)
    assert ended.outcomes == NO_TLS
    assert all(f"connection refused by 127.0.0.1:{port}" in finding.message for finding in ended.verdict.findings)


@pytest.mark.parametrize("name", TARPITS)
def test_every_promise_against_a_tarpit_ends_within_a_minute(runs: Mapping[str, Ended], name: str) -> None:
    """Also with the longest time-outs waited for; only what files and handshakes say is known then."""
    ended = runs[f"every promise, {name}"]
    assert ended.seconds < MINUTE
    assert ended.calm
    known = {promise for promise, outcome in ended.outcomes.items() if outcome is not UNKNOWN}
    assert known == (FROM_FILES | FROM_HANDSHAKES if CASES[name].tls else FROM_FILES)
