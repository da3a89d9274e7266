"""Whatever a stranger does, all promises of the policy are judged in time: what could not be seen is unknown."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from plimsoll.deployment import read_deployment
from plimsoll.inspection import Inspection
from plimsoll.looks import Scene
from plimsoll.model import Finding, Outcome
from plimsoll.stacks.live import LiveStack
from plimsoll.wait import SYSTEM_CLOCK
from tests.probes import hostile
from tests.probes.hostile import Talk
from tests.runs.conftest import a_place
from tests.runs.place import SECURITY, Ended
from tests.runs.targets import HOST, Authority

BROKEN, COULD_NOT_TELL = 1, 2
DEADLINE = 4.0
"""Seconds that each request may take here: handshakes succeed among ten such runs at once. A run gives it 10."""

LONGEST = 40.0
"""Seconds in which 35 promises are judged then, on a machine busy with others: some four waves of requests."""

LONGEST_RUN = 45.0
"""Seconds for a run of the security suite against a tarpit."""

DEPLOYMENT = f"""
name = "hostile"
hosts = ["{HOST}"]
policies = ["edge-hardened"]
limits = {{{{ requests_per_second = 500, burst = 20 }}}}
[paths]
public = "/api"
private = "/me"
missing = "/no"
health = "/healthz"
ready = "/readyz"
metrics = "/metrics"
scrape = "/scrape"
[live]
url = "https://{HOST}:{{port}}"
address = "127.0.0.1"
address6 = "127.0.0.1"
plain_port = {{plain}}
ca = "authority.pem"
allow = ["intrusive"]
"""

NO_TLS: Mapping[str, bool] = {"resets": False, "tls_garbage": False, "says_nothing": False, "http_0_9": False}
OVER_TLS: Mapping[str, bool] = dict.fromkeys(
    ("says_nothing", "slow_header", "endless_headers", "interim_flood", "illegal_header", "resets"), True
)
SILENT = [*NO_TLS.items(), *OVER_TLS.items()]
"""Servers that never give an answer that could be read, without TLS and within it."""

CHATTY = ("gzip_bomb", "invalid_utf_8", "redirect_loop")
"""Servers that give an answer that can be read, and that is no good."""

RUNS: Mapping[str, int] = {"says_nothing": COULD_NOT_TELL, "slow_body": BROKEN, "endless_body": BROKEN}
"""Servers that would keep a run for ever, and what it ends with: a header that can be read is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """All findings on one of them, and how long they took."""

    findings: tuple[Finding, ...]
    seconds: float

    def told(self, *outcomes: Outcome) -> set[str]:
        """The promises with one of these outcomes."""
        return {finding.promise.id for finding in self.findings if finding.outcome in outcomes}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, bool], Judged]:
    """Those that are waited for side by side, and those that keep a processor busy one after the other."""
    seen: dict[tuple[str, bool], Judged] = {}
    for cases, at_once in ((SILENT, len(SILENT)), ([(name, True) for name in CHATTY], 1)):
        folders = [tmp_path_factory.mktemp(name) for name, _ in cases]
        with ThreadPoolExecutor(at_once) as pool:
            seen.update(zip(cases, pool.map(_judged, cases, folders), strict=True))
    return seen


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "tls"), SILENT)
def test_silence_is_unknown(judged: Mapping[tuple[str, bool], Judged], name: str, tls: bool) -> None:
    """Nothing is said of a server that gives no answer, save what its handshakes show."""
    seen = judged[name, tls]

    assert seen.told(Outcome.FAIL) == set()
    assert {each.partition("-TLS-")[0] for each in seen.told(Outcome.PASS)} == ({"HARD"} if tls else set())
    assert [f.message for f in seen.findings if "crashed" in f.message] == []
    assert seen.seconds < LONGEST


@pytest.mark.nightly
@pytest.mark.parametrize("name", CHATTY)
def test_rubbish_is_judged_in_time(judged: Mapping[tuple[str, bool], Judged], name: str) -> None:
    """What was seen of a broken server is judged, and it keeps nobody waiting."""
    seen = judged[name, True]

    assert "HARD-HDR-HSTS" in seen.told(Outcome.FAIL)
    assert [f.message for f in seen.findings if "crashed" in f.message] == []
    assert seen.seconds < LONGEST


@pytest.fixture(scope="module")
def runs() -> Iterator[Mapping[str, Ended]]:
    """Whole runs, each against one of them, side by side."""
    with a_place() as place, ThreadPoolExecutor(len(RUNS)) as pool:

        def run(name: str) -> Ended:
            with _served(getattr(hostile, name), place.folder / name, tls=True) as folder:
                return place.run("--deployment", str(folder), command=SECURITY, reports=f"reports-{name}")

        yield dict(zip(RUNS, pool.map(run, RUNS), strict=True))


@pytest.mark.parametrize("name", RUNS)
def test_a_run_ends(runs: Mapping[str, Ended], name: str) -> None:
    """The whole run against a server that never ends, or never begins, does: in time, and calmly."""
    ended = runs[name]

    assert ended.code == RUNS[name], ended.output
    assert ended.calm
    assert ended.seconds < LONGEST_RUN


def _judged(case: tuple[str, bool], place: Path) -> Judged:
    name, tls = case
    with _served(getattr(hostile, name), place / "served", tls=tls) as folder:
        deployment = read_deployment(folder / "deployment.toml")
        started = SYSTEM_CLOCK.monotonic()
        inspection = Inspection(Scene.of(deployment, LiveStack(deployment), deadline=DEADLINE), deployment.promises)
        try:
            findings = tuple(map(inspection.judge, deployment.promises))
        finally:
            inspection.close()
        return Judged(findings=findings, seconds=SYSTEM_CLOCK.monotonic() - started)


@contextmanager
def _served(talk: Talk, folder: Path, *, tls: bool) -> Iterator[Path]:
    """A server that talks like this on both its ports, on one of them within TLS that nobody could fault."""
    authority = Authority.new()
    context = authority.context() if tls else None
    if context is not None:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    folder.mkdir(parents=True)
    authority.file(folder)
    with hostile.serving(talk, tls=context) as server, hostile.serving(talk) as plain:
        text = DEPLOYMENT.format(port=server.address[1], plain=plain.address[1])
        (folder / "deployment.toml").write_text(text, encoding="utf-8")
        yield folder
