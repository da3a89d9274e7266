"""What this machine does now, beside its floor, as ratios. A measure, never a gate: `tox -e bench [NAME ...]`.

Each comparison runs both sides alternately, several rounds, and prints medians: the machine's drift hits both alike.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks import drills, generator, policies, tls
from tests.benchmarks.environments import import_plugin, import_pytest, with_pip, with_uv
from tests.benchmarks.stacks import clean_database, containers_ready, processes_ready, testcontainers_ready
from tests.benchmarks.verdicts import bare_requests, empty_tox, live_verdict, smoke


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Ours against a peer or a floor: two callables that return seconds, and the ratio to stay below.

    One that takes minutes is made on demand only, by its name.
    """

    name: str
    ours: Callable[[], float]
    floor: Callable[[], float]
    against: str
    goal: float
    rounds: int = 5
    on_demand: bool = False


COMPARISONS: Mapping[str, Comparison] = {
    c.name: c
    for c in (
        Comparison(
            name="processes-ready",
            ours=processes_ready,
            floor=testcontainers_ready,
            against="the same services started one after another by testcontainers with its defaults",
            goal=0.06,
        ),
        Comparison(
            name="containers-ready",
            ours=containers_ready,
            floor=testcontainers_ready,
            against="the same services started one after another by testcontainers with its defaults",
            goal=0.25,
        ),
        Comparison(
            name="clean-database",
            ours=clean_database,
            floor=processes_ready,
            against="a new stack on processes",
            goal=0.25,
        ),
        Comparison(
            name="live-verdict",
            ours=live_verdict,
            floor=bare_requests,
            against="the same requests and handshakes with http.client and ssl, side by side",
            goal=2.0,
        ),
        Comparison(
            name="tls-weak",
            ours=tls.ours_weak,
            floor=tls.sslyze_weak,
            against="sslyze's full set on the same nginx, which accepts all it can",
            goal=0.3,
        ),
        Comparison(
            name="tls-modern",
            ours=tls.ours_modern,
            floor=tls.sslyze_modern,
            against="sslyze's full set on the same nginx, with six suites",
            goal=0.3,
        ),
        Comparison(
            name="tls-handshake",
            ours=tls.ours_modern,
            floor=tls.one_handshake,
            against="one handshake of openssl s_client",
            goal=0.0,
        ),
        Comparison(
            name="policy-cold",
            ours=policies.cold,
            floor=policies.checkov,
            against="one `checkov -d` over the same tree, imports and all; ours is a whole run with every scanner",
            goal=0.6,
        ),
        Comparison(
            name="scanners-cold",
            ours=policies.scanners,
            floor=policies.checkov,
            against="the same; ours is every scanner in a process that does nothing else",
            goal=0.6,
        ),
        Comparison(
            name="policy-warm",
            ours=policies.warm,
            floor=policies.nothing,
            against="pytest that selects nothing (goal: 1 s more)",
            goal=0.0,
        ),
        Comparison(
            name="policy-1000",
            ours=policies.many,
            floor=policies.nothing,
            against="pytest that selects nothing (goal: our own rules judge a thousand files in 5 s)",
            goal=0.0,
            rounds=3,
        ),
        Comparison(
            name="smoke-processes",
            ours=lambda: smoke("processes"),
            floor=empty_tox,
            against="a tox command that does nothing (goal: 4 s)",
            goal=0.0,
        ),
        Comparison(
            name="smoke-containers",
            ours=lambda: smoke("containers"),
            floor=empty_tox,
            against="a tox command that does nothing (goal: 8 s)",
            goal=0.0,
        ),
        Comparison(
            name="environment",
            ours=with_uv,
            floor=with_pip,
            against="venv and pip",
            goal=0.15,
            rounds=2,
        ),
        Comparison(
            name="plugin-import",
            ours=import_plugin,
            floor=import_pytest,
            against="importing pytest alone",
            goal=0.0,
        ),
        Comparison(
            name="generator-speed",
            ours=generator.ours_alone,
            floor=generator.stock_alone,
            against="a second of FastHttpUser, start and all; requests per core: see below (goal: 4x, HttpUser 15x)",
            goal=0.0,
            rounds=1,
            on_demand=True,
        ),
        Comparison(
            name="drill-overhead",
            ours=drills.drilled,
            floor=drills.raw_tools,
            against="pg_dump, gzip, aws s3 cp, gunzip and psql on the same data, nothing checked",
            goal=1.1,
            rounds=1,
            on_demand=True,
        ),
        Comparison(
            name="drill-processes",
            ours=lambda: drills.default_drill("processes"),
            floor=empty_tox,
            against="a tox command that does nothing (goal: 120 s)",
            goal=0.0,
            rounds=1,
            on_demand=True,
        ),
        Comparison(
            name="drill-containers",
            ours=lambda: drills.default_drill("containers"),
            floor=empty_tox,
            against="a tox command that does nothing (goal: 180 s)",
            goal=0.0,
            rounds=1,
            on_demand=True,
        ),
    )
}


def main(names: Sequence[str]) -> int:
    """The table on standard output; 2 for a name that is no comparison."""
    if unknown := [name for name in names if name not in COMPARISONS]:
        print(f"no comparison {', '.join(unknown)}; there are: {', '.join(COMPARISONS)}", file=sys.stderr)
        return 2
    print(f"{'comparison':18}{'ours s (min-max)':>22}{'floor s (min-max)':>22}{'ratio':>8}{'goal':>7}  against")
    names = names or [name for name, each in COMPARISONS.items() if not each.on_demand]
    for name in names:
        comparison = COMPARISONS[name]
        pairs = [(comparison.ours(), comparison.floor()) for _ in range(comparison.rounds)]
        ours, floor = zip(*pairs, strict=True)
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        goal = f"{comparison.goal:.2f}" if comparison.goal else "-"
        print(f"{name:18}{_row(ours):>22}{_row(floor):>22}{ratio:8.3f}{goal:>7}  {comparison.against}", flush=True)
    if "generator-speed" in names:
        print(*generator.truthful(), *generator.compared(), sep="\n", flush=True)
    if any(name.startswith("tls-") for name in names):
        print(*tls.compared(), sep="\n", flush=True)
        tls.close()
    policies.close()
    return 0


def _row(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.3f} ({min(seconds):.2f}-{max(seconds):.2f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
