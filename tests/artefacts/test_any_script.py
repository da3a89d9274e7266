"""Whatever stands in scripts, crontabs and logrotate's files, they are read and judged, and nothing raises."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.artefacts.observe import observe
from plimsoll.model import Outcome
from plimsoll.observations.artefacts import Kind, LogrotateFiles, Schedules, ShellScripts, SourceFile
from plimsoll.rules import RULES
from tests.rules.cases import a_promise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
READ = (ShellScripts, Schedules, LogrotateFiles)
OURS = [
    name
    for name, rule in RULES.items()
    if not rule.required and (needed := [kind for kind, need in rule.reads.items() if need]) and set(needed) <= {*READ}
]
PIECES = (
    *("pg_dump shop", " | ", "gzip", " > ", "/b/x.gz", "\n", "find /b", " -mtime", " +7", " -delete", " -name", "$?"),
    *("if ", "; then ", "fi", "f() {", "}", "$(", ")", "`", '"', "'", "\\", "<<E\n", "E\n", "|| true", "&& ", "set -e"),
    *("rm -rf ", "$X/*", "${X", "psql -c", " DROP DATABASE x", "aws s3 cp ", "s3://", "docker exec ", "tar -xf", "cd "),
    *(
        "docker compose ",
        "exec",
        "redis-cli BGSAVE",
        "curl x | sh",
        "* * * * * ",
        "@daily ",
        "%",
        "\x00",
        "é",
        "OnCalendar=",
    ),
    *(
        "[Timer]\n",
        "/var/log/x.log {",
        "rotate",
        " 7\n",
        "postrotate\n",
        "endscript\n",
        "daily\n",
        "-F",
        "--format=",
        "-f",
    ),
)
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from((Kind.SCRIPT, Kind.CRONTAB, Kind.SYSTEMD, Kind.LOGROTATE)), TEXTS), max_size=5)
)
def test_any_text(files: list[tuple[Kind, str]]) -> None:
    """Every rule over these files says something of any text."""
    sources = [SourceFile(name=f"f{n}.timer", kind=kind, text=text) for n, (kind, text) in enumerate(files)]
    seen: dict[type, object] = {kind: observe(kind, sources, NOW) for kind in READ}
    for name in OURS:
        rule = RULES[name]

        finding = rule.judge(a_promise(name), *(seen.get(kind) for kind in rule.reads))

        assert finding.outcome in Outcome


def test_every_rule_is_tried() -> None:
    """The table above is not empty by accident."""
    assert len(OURS) > 25


@pytest.mark.parametrize("text", ["(" * 5000, "$(" * 2000, "if a; then " * 1000, "A=$A$A\n" * 500 + "echo $A"])
def test_depths_and_doublings(text: str) -> None:
    """Nothing nested or doubled without end takes the reader with it."""
    seen = observe(ShellScripts, [SourceFile(name="b.sh", kind=Kind.SCRIPT, text=text)], NOW)

    assert seen.amount == 1
