"""Whatever stands in environment files, settings and SQL, rules judge it: nothing in a file makes one raise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.artefacts.observe import KINDS, observe
from plimsoll.model import Finding, Outcome
from plimsoll.observations.artefacts import Artefacts, Kind, SourceFile
from plimsoll.probes.files import folder
from plimsoll.promises import HOME
from plimsoll.rules import RULES
from tests.rules.cases import a_promise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PIECES = (
    "PORT=3000\n",
    "JWT_SECRET=",
    "DATABASE_URL=postgresql://a:b@[::1]:99999999/x?sslmode=disable\n",
    "postgresql://",
    "services:\n  postgres:\n    image: postgres:15\n    command: [1, {a: b}]\n    environment: [A, {B: c}, 5]\n",
    "services: [a, b]\n",
    "services:\n  redis: redis\n  app: {deploy: {replicas: x, resources: 5}, environment: 7, env_file: [{path: 1}]}\n",
    "kind: Secret\nstringData: [1]\ndata: x\n",
    "kind: HorizontalPodAutoscaler\nspec: {maxReplicas: [1]}\n",
    "spec: {containers: [{env: [x, {name: A, value: $(B)}], resources: {limits: {memory: 1Zi}}}]}\n",
    "secrets: [x]\n",
    "shared_buffers = 9999999999999999TB\n",
    "work_mem = '",
    "max_connections = ²\n",
    "maxmemory 9e9\n",
    "save 1\n",
    "host all all 0.0.0.0/0 trust\n",
    "GRANT ALL ON DATABASE a TO b; REVOKE ALL ON SCHEMA x FROM ",
    "CREATE INDEX CONCURRENTLY ON ;",
    "CREATE ROLE x PASSWORD 'y';",
    "SELECT total_time FROM pg_stat_statements;",
    "new Pool({ max: {{, host: 'x' }); new Redis({",
    "db.query(`SELECT ${x}`",
    "process.env.A + $B ${C} instances: 99999999\n",
    "db.r5.xlarge db-custom-4-15360 db.q1.micro\n",
    "$$",
    "/*",
    "\\c",
    "'",
    "\t{{ x }}\n",
    "é=ü\n",
)
TEXTS = st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
AREAS = ("secrets-env", "database", "agreement")
PARAMETERS: dict[str, dict[str, object]] = {
    "variables-stated": {"names": ("PORT", "A"), "values": {"PORT": "3000"}},
    "secrets-made": {"made": {"JWT_SECRET": "32 bytes base64"}},
    "environment-validated": {"script": "*"},
    "secrets-from-files": {"secrets": ("a", "x")},
    "secrets-not-reused": {"names": ("JWT_SECRET",)},
    "client-options": {"client": "Pool", "options": {"max": "20"}},
}
MODULES = (
    *("strength", "lines", "promised", "delivery", "postgres", "redis", "statements", "rights", "programs"),
    *("environment", "settings", "sizes"),
)
OURS = sorted(
    name for name, rule in RULES.items() if rule.area in AREAS and rule.judge.__module__.rpartition(".")[2] in MODULES
)


def judged(name: str, sources: tuple[SourceFile, ...]) -> Finding | None:
    """What a rule says of these files; None where there is none of a kind that it cannot do without."""
    rule = RULES[name]
    seen: list[Artefacts | None] = []
    for kind, needed in rule.reads.items():
        files = observe(kind, sources, NOW)
        if needed and not files.sources:
            return None
        seen.append(files if files.sources else None)
    return rule.judge(a_promise(name), *seen, **PARAMETERS.get(name, {}))


@pytest.mark.parametrize("name", OURS)
@given(texts=st.lists(TEXTS, min_size=1, max_size=3), fragment=st.booleans())
@settings(max_examples=25, deadline=None)
def test_no_text_makes_a_rule_raise(name: str, texts: list[str], fragment: bool) -> None:
    """Each text is given to the rule as every kind of file that it reads; what it finds has a line."""
    kinds = {kind for read in RULES[name].reads for kind in KINDS[read]} - {Kind.TERRAFORM}
    sources = tuple(
        SourceFile(name=f"{kind}-{number}", kind=kind, text=text, fragment=fragment)
        for number, text in enumerate(texts)
        for kind in sorted(kinds)
    )

    finding = judged(name, sources)

    assert finding is not None
    assert finding.outcome in Outcome
    assert all(hole.spot.line for hole in finding.holes)


@pytest.mark.parametrize("name", OURS)
def test_no_finding_tells_a_secret(name: str) -> None:
    """A value that is compared, measured or taken apart appears in no word of the finding."""
    secret = "tulips-secret-of-77"  # noqa: S105 - made up, to be looked for in findings
    text = f"JWT_SECRET={secret}\nOTHER_SECRET={secret}\nDATABASE_URL=postgresql://a:{secret}@b.c:x/d?sslmode=disable\n"
    texts = {
        Kind.ENVIRONMENT: text + text,
        Kind.REDIS: f"requirepass {secret}\nprotected-mode no\n",
        Kind.SQL: f"CREATE ROLE a SUPERUSER PASSWORD '{secret}';",
        Kind.POSTGRES: "shared_buffers = 1gb\n",
    }
    files = tuple(SourceFile(name=f"f.{kind}", kind=kind, text=text) for kind, text in texts.items())

    finding = judged(name, files)

    said = " ".join([finding.message, finding.actual, finding.hint, *finding.evidence]) if finding else ""
    assert secret not in said


def test_the_stand_in_asks_its_database_with_parameters() -> None:
    """The rule holds for the application that the reference deployments run."""
    sources = folder.sources(HOME / "fixtures" / "app" / "standin", {})
    programs = tuple(replace(source, name=Path(source.name).name) for source in sources if source.kind is Kind.PYTHON)

    finding = judged("queries-parameterised", programs)

    assert finding is not None
    assert (finding.outcome, finding.message) == (Outcome.PASS, "kept")
    assert len(finding.evidence) > 3
