"""Sample verdicts: what a run against a small web deployment finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import pytest

from plimsoll.model import Advice, FileSeen, Finding, Hole, Promise, RunIdentity, Severity, Spot, Verdict, Waiver

STARTED = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)

TITLES = {
    "headers": "HSTS is sent by the edge for two years with subdomains and preload",
    "tls": "Edge speaks only TLS 1.2 and 1.3; older protocol versions are refused",
    "edge": "Uploads over the limit are refused",
    "endpoints": "Separate readiness endpoint exists on the application port",
}


class MakeVerdict(Protocol):
    """What `make_verdict` is."""

    def __call__(self, findings: Sequence[Finding] = (), *, strict: bool = False) -> Verdict:
        """A verdict of these findings."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Promises and findings to report on."""

    def promise(self, number: int = 4, *, area: str = "headers", waiver: Waiver | None = None) -> Promise:
        """One promise of an area."""
        return Promise(
            id=f"SP-{area[:3].upper()}-{number:02}",
            rule="strict-transport-security",
            area=area,
            title=TITLES[area],
            source=f"Nginx Security L{800 + number}",
            waiver=waiver,
        )

    def broken(self, number: int = 4, *, area: str = "headers", waiver: Waiver | None = None) -> Finding:
        """A failure as a rule words it."""
        found = self.promise(number, area=area, waiver=waiver).broken(
            expected="max-age=63072000; includeSubDomains; preload",
            actual="max-age=300 on page, static, public; absent on 404 and 413",
            message="Strict-Transport-Security is 300 seconds on 3 exchanges and missing on 2 error statuses",
            hint="add_header Strict-Transport-Security ... always; repeat it where a block sets headers of its own",
            evidence=(
                "GET https://sample.test/ -> 200: strict-transport-security: max-age=300",
                "GET https://sample.test/static/app.js -> 200: strict-transport-security: max-age=300",
                "GET https://sample.test/missing -> 404: strict-transport-security: absent",
            ),
        )
        return replace(found, seconds=0.012)

    def holed(self, number: int = 5, *, holes: int = 3, waiver: Waiver | None = None) -> Finding:
        """A failure at so many places of files, every third of which does not agree with another."""
        return self.promise(number, waiver=waiver).judged(
            [
                Hole(
                    spot=Spot("compose/production.yml", 7 + 4 * n),
                    what=f"port {8000 + n} of service s{n} is published to every network",
                    fix=f'- "127.0.0.1:{8000 + n}:{8000 + n}"',
                    beside=(Spot("firewall/rules.sh", 3 + n),) if n % 3 == 0 else (),
                )
                for n in range(holes)
            ],
            looked=[f"compose/production.yml:{7 + 4 * n}: s{n}" for n in range(holes + 4)],
            expected="ports on 127.0.0.1",
        )

    def advice(self, number: int = 1, *, severity: Severity = Severity.HIGH, scanner: str = "checkov") -> Advice:
        """One result of a scanner."""
        return Advice(
            scanner=scanner,
            rule=f"CKV_{number}",
            severity=severity,
            spot=Spot("docker/Dockerfile", number),
            message=f"Ensure that what number {number} asks for is so",
            link="https://docs.example/rules/1",
        )

    def file(self, name: str = "compose/production.yml", *, trouble: str = "", kind: str = "compose") -> FileSeen:
        """One file that was looked at."""
        return FileSeen(name=name, kind=kind, spot=Spot(name, 12 if trouble else 1), trouble=trouble)

    def kept(self, number: int = 1, *, area: str = "tls") -> Finding:
        """A promise that holds, with evidence."""
        return self.promise(number, area=area).kept(
            expected="TLSv1.2 TLSv1.3",
            actual="TLSv1.2 TLSv1.3",
            evidence=("TLSv1.1 offered: refused with alert protocol_version", "TLSv1.3 offered: accepted"),
        )

    def unknown(self, number: int = 2, *, area: str = "edge", out_of_reach: bool = False) -> Finding:
        """A promise of which nobody could tell."""
        why = (
            "a CDN cannot be had on this machine" if out_of_reach else "the edge closed the connection before an answer"
        )
        return self.promise(number, area=area).unknown(
            why, expected="413 over 10 MiB", hint="look into the edge's error log", out_of_reach=out_of_reach
        )

    def not_applicable(self, number: int = 9) -> Finding:
        """A promise that does not concern the deployment."""
        return self.promise(number, area="endpoints").not_applicable("the deployment serves no metrics")

    def waiver(self, *, expires: date = date(2026, 9, 1)) -> Waiver:
        """An agreement to leave a promise broken."""
        return Waiver(reason="the old client cannot follow", owner="platform team", expires=expires)

    def mixed(self, size: int) -> tuple[Finding, ...]:
        """That many findings of every outcome, in the order of a real run: most of them kept."""
        areas = tuple(TITLES)
        kinds: dict[int, Callable[..., Finding]] = {3: self.broken, 7: self.unknown}
        findings = []
        for number in range(1, size + 1):
            area = areas[number % len(areas)]
            kind = kinds.get(number % 11, self.kept)
            findings.append(kind(number, area=area))
        return (
            *findings[: max(size - 3, 1)],
            *(self.unknown(90, out_of_reach=True), self.not_applicable(), self.broken(98, waiver=self.waiver())),
        )[:size]


@pytest.fixture(scope="session")
def sample() -> Sample:
    """The maker of findings."""
    return Sample()


@pytest.fixture(scope="session")
def make_verdict() -> MakeVerdict:
    """The maker of verdicts around findings."""

    def make(findings: Sequence[Finding] = (), *, strict: bool = False) -> Verdict:
        run = RunIdentity(
            id="20260314-092653-sample",
            started=STARTED,
            finished=STARTED + timedelta(seconds=3.2),
            deployment="sample",
            stack="processes",
            images={"edge": "nginx 1.22.1 (local program)", "database": "PostgreSQL 15.14 (local program)"},
            tool_versions={"plimsoll": "0.1.0", "python": "3.11.2", "openssl": "3.0.17"},
        )
        return Verdict(run=run, findings=tuple(findings), strict=strict)

    return make
