"""The words of the domain: promises, findings, verdicts. Frozen values, no I/O."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path


class Outcome(enum.StrEnum):
    """What a judgement can say. UNKNOWN is an answer of its own: nobody could tell."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


def merge(outcomes: Iterable[Outcome]) -> Outcome:
    """FAIL beats UNKNOWN beats PASS; nothing judged is UNKNOWN; NOT_APPLICABLE counts for nothing."""
    seen = set(outcomes)
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS):
        if outcome in seen:
            return outcome
    return Outcome.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A promise somebody agreed to leave broken, until a day."""

    reason: str
    owner: str
    expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One line of a deployment guide made checkable. `parameters` are the rule's keyword arguments."""

    id: str
    rule: str
    area: str
    title: str
    source: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    waiver: Waiver | None = None

    def kept(self, *, expected: str, actual: str, evidence: Sequence[str] = ()) -> Finding:
        """The finding that this promise holds."""
        return Finding(
            promise=self,
            outcome=Outcome.PASS,
            expected=expected,
            actual=actual,
            message="kept",
            evidence=tuple(evidence),
        )

    def broken(
        self, *, expected: str, actual: str, message: str, hint: str = "", evidence: Sequence[str] = ()
    ) -> Finding:
        """The finding that this promise is broken: the message names the cause, the hint what to do."""
        return Finding(
            promise=self,
            outcome=Outcome.FAIL,
            expected=expected,
            actual=actual,
            message=message,
            hint=hint,
            evidence=tuple(evidence),
        )

    def unknown(
        self,
        message: str,
        *,
        expected: str = "",
        actual: str = "",
        hint: str = "",
        evidence: Sequence[str] = (),
        out_of_reach: bool = False,
    ) -> Finding:
        """The finding that nobody could tell; `out_of_reach` when this kind of stack cannot show it at all."""
        return Finding(
            promise=self,
            outcome=Outcome.UNKNOWN,
            expected=expected,
            actual=actual,
            message=message,
            hint=hint,
            evidence=tuple(evidence),
            out_of_reach=out_of_reach,
        )

    def not_applicable(self, why: str) -> Finding:
        """The finding that this promise does not concern this deployment, and why."""
        return Finding(promise=self, outcome=Outcome.NOT_APPLICABLE, expected="", actual="", message=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one judgement said of one promise."""

    promise: Promise
    outcome: Outcome
    expected: str
    actual: str
    message: str
    hint: str = ""
    evidence: tuple[str, ...] = ()
    seconds: float = 0.0
    out_of_reach: bool = False

    def is_waived(self, today: date) -> bool:
        """Whether an unexpired waiver covers this failure."""
        waiver = self.promise.waiver
        return self.outcome is Outcome.FAIL and waiver is not None and today <= waiver.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """Which run this was: of what, on what, when, with which programs."""

    id: str
    started: datetime
    finished: datetime
    deployment: str
    stack: str
    images: Mapping[str, str] = field(default_factory=dict)
    tool_versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Everything one run found. `strict` lets promises out of reach count as UNKNOWN."""

    run: RunIdentity
    findings: tuple[Finding, ...]
    strict: bool = False

    @property
    def outcome(self) -> Outcome:
        """The merged outcome. Excused findings (waived, out of reach) do not count, but nothing judged is UNKNOWN."""
        today = self.run.finished.date()
        counted = [f.outcome for f in self.findings if not self.excuses(f, today)]
        judged = any(f.outcome in (Outcome.PASS, Outcome.FAIL) for f in self.findings)
        return merge(counted) if judged else Outcome.UNKNOWN

    def excuses(self, finding: Finding, today: date) -> bool:
        """Whether the finding is shown but does not decide the run."""
        return finding.is_waived(today) or (finding.out_of_reach and not self.strict)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many findings there are of each outcome."""
        seen = Counter(f.outcome for f in self.findings)
        return {outcome: seen[outcome] for outcome in Outcome}

    @property
    def exit_code(self) -> int:
        """0 when every judged promise is kept, 1 when one is broken, 2 when nobody could tell."""
        return {Outcome.PASS: 0, Outcome.FAIL: 1}.get(self.outcome, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One role of a deployment and what runs it: the recipe, the artefacts, the ports inside."""

    role: str
    recipe: str
    ports: tuple[int, ...] = ()
    replicas: int = 1
    config: str = ""
    environment: str = ""
    image: str = ""
    certificate: str = ""
    key: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Where a deployment already runs.

    `address` is what every host resolves to (without one, the name service says), `address6` the same in IPv6,
    `addresses` those of hosts that resolve to something else. `ca` is a PEM file of the authority to trust,
    `plain_port` where plain HTTP is answered if not on 80, `provides` the surroundings it has (cdn, cluster), `allow`
    what it may be asked beyond a polite client's questions (intrusive), `ssh` how its host is logged in to:
    `user@host:port`, with the key file `ssh_key` and the known hosts file `ssh_known_hosts`; `zone` is where this run
    stands.
    """

    url: str
    address: str = ""
    address6: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)
    ca: str = ""
    plain_port: int = 0
    provides: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    ssh: str = ""
    ssh_key: str = ""
    ssh_known_hosts: str = ""
    zone: str = "internet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Where clients may be, by their networks (CIDR, IPv4 or IPv6), and the TCP ports of the host they may reach."""

    name: str
    networks: tuple[str, ...]
    reaches: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the deployment allows one client; probes stay below it. 0 is none stated.

    `quota` is requests per window on the API, `upload_bytes` the largest body.
    """

    requests_per_second: float = 20.0
    burst: int = 40
    quota: int = 0
    upload_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment as its deployment.toml describes it.

    `paths` maps a path class to an example of it: a path on the first host, or `//host/path`. `zones` are where clients
    may be, by name. `artefacts` a kind of file to its path, `generated` a path to the
    number of zero bytes a stack makes it of; all paths of files start at `root`.
    """

    name: str
    root: Path
    hosts: tuple[str, ...]
    promises: tuple[Promise, ...]
    disposable: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    artefacts: Mapping[str, str] = field(default_factory=dict)
    generated: Mapping[str, int] = field(default_factory=dict)
    live: Live | None = None

    def place(self, kind: str) -> tuple[str, str]:
        """The host and the path of the example of a path class. Raises KeyError when there is none."""
        example = self.paths[kind]
        if example.startswith("//"):
            host, _, path = example.removeprefix("//").partition("/")
            return host, f"/{path}"
        return (self.hosts[0] if self.hosts else ""), example
