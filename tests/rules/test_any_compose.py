"""Whatever a compose file or a Dockerfile says, rules judge it: nothing in a file makes one raise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.artefacts.observe import observe
from plimsoll.model import Outcome
from plimsoll.observations.artefacts import ComposeFiles, Dockerfiles, Kind, MonitoringFiles, Scripts, SourceFile
from plimsoll.rules import RULES
from tests.rules.cases import a_promise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
READ = {ComposeFiles, Dockerfiles, MonitoringFiles, Scripts}
MINE = {
    name: rule
    for name, rule in RULES.items()
    if {ComposeFiles, Dockerfiles} & set(rule.reads)
    and {kind for kind, needed in rule.reads.items() if needed} <= READ
    and not rule.required
}
"""Every rule over compose files and Dockerfiles that needs no parameter."""

KEYS = (
    "image", "build", "ports", "networks", "depends_on", "volumes", "environment", "healthcheck", "test", "deploy",
    "replicas", "resources", "limits", "memory", "restart", "restart_policy", "condition", "user", "privileged",
    "command", "secrets", "expose", "extra_hosts", "profiles", "container_name", "network_mode", "scale", "extends",
)  # fmt: skip
SCALARS = st.sampled_from(
    ("", "postgres:15", "nginx", "redis:7", "80:80", "5432:5432", "a:b:c", "127.0.0.1:1:2", "${X:-1}:80", "0", "root",
     "service_healthy", "curl http://localhost:99999/", "postgresql://a:b@db:1/x", "$(", "${", "99999-1:3", "[", "no")
) | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
SERVICE = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8)
COMPOSE = st.fixed_dictionaries(
    {"services": st.dictionaries(st.sampled_from(("app", "db", "edge")), SERVICE | VALUES, max_size=3)},
    optional={"volumes": VALUES, "networks": VALUES, "secrets": VALUES},
)
LINES = st.sampled_from(
    ("FROM node:20-alpine AS a", "FROM a AS b", "FROM", "FROM b", "RUN npm ci --omit=dev && npm run build", "USER",
     "USER root", "COPY --from=a /app/dist .", "COPY --from=9 node_modules .", "COPY --from=",
     'CMD ["npm", "start"]',
     "CMD [", "CMD", "CMD []", "ENTRYPOINT []", 'ENTRYPOINT ["tini"]', "HEALTHCHECK CMD curl localhost:1",
     "HEALTHCHECK",
     "HEALTHCHECK NONE", "EXPOSE 1/tcp x", "ENV PORT=5", "ENV A_SECRET x", "ARG", "RUN <<EOF", "EOF", "\\", "# x", "??",
     "ENV NODE_ENV=production \\")
)  # fmt: skip
RECIPES = st.lists(LINES, max_size=12).map("\n".join)


def as_yaml(value: object) -> str:
    """A tree as YAML that holds it in one line."""
    import yaml  # noqa: PLC0415 - only here

    return str(yaml.safe_dump(value, default_flow_style=True, width=10_000))


@pytest.mark.parametrize("name", MINE)
@given(tree=COMPOSE, recipe=RECIPES, whole=st.booleans())
@settings(max_examples=12, deadline=None)
def test_any_file_is_judged(name: str, tree: Any, recipe: str, whole: bool) -> None:  # noqa: ANN401 - any tree at all
    """Any services, any instructions: a finding comes out."""
    texts = (
        ("compose.yml", Kind.COMPOSE, as_yaml(tree)),
        ("Dockerfile", Kind.DOCKERFILE, recipe),
        (
            "prometheus.yml",
            Kind.PROMETHEUS,
            "scrape_configs: [{static_configs: [{targets: ['app:1', 'x', 1, [2]]}]}, 3]",
        ),
        ("firewall.sh", Kind.SCRIPT, "ufw default deny incoming\nufw allow 80\nufw allow from x to any port 5:9,7\n"),
    )
    sources = [SourceFile(name=n, kind=kind, text=text, fragment=not whole) for n, kind, text in texts]
    rule = MINE[name]
    seen = [observe(kind, sources, NOW) if kind in READ else None for kind in rule.reads]

    finding = rule.judge(a_promise(name), *seen)

    assert finding.message
    assert finding.outcome in Outcome
    assert all(hole.spot.line for hole in finding.holes)


def test_every_rule_is_tried() -> None:
    """The table above finds them by what they read."""
    assert len(MINE) > 20
