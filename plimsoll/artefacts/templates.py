"""Which texts are templates: what they say is known only once somebody has rendered them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from plimsoll.artefacts.trees import is_yaml
from plimsoll.observations.artefacts import Kind

BRACES = re.compile(r"(?<!\$)\{\{|\{%")
"""`${{ }}` is an expression of GitHub's: a workflow is read with it."""

CHART = re.compile(r"\{\{-|-\}\}|\{\{\s*(\.Values|\.Release|\.Chart|\.Capabilities|\.Files|include|template|tpl)\b|\{%")
"""What Helm and Jinja write, and nobody else."""

FOREIGN = re.compile(r"(?<!\$)\{\{(?!\s*\.)")
"""Braces in a compose file; `{{.Name}}` is filled in by the engine itself (docker docs, log tags)."""

OWN = frozenset({Kind.ALERTS, Kind.ALERTMANAGER, Kind.DASHBOARD, Kind.PROMETHEUS, Kind.WORKFLOW})
"""Kinds that have braces of their own: Prometheus fills in labels, Grafana legends, GitHub expressions."""

LOOSE = frozenset({Kind.KUBERNETES, Kind.OTHER})
"""Kinds that may carry the text of something else, such as alerts in a ConfigMap."""

SURE = frozenset(
    {Kind.COMPOSE, Kind.ENVIRONMENT, Kind.HELM_VALUES, Kind.NGINX, Kind.POSTGRES, Kind.REDIS, Kind.PACKAGE}
)
"""Kinds in which braces have no business."""

ENDINGS = frozenset({"", ".yml", ".yaml", ".json", ".toml", ".conf", ".cfg", ".ini"})


def is_template(kind: Kind, name: str, text: str) -> bool:
    """Whether a text of that kind is one to be rendered first."""
    if kind not in OWN | LOOSE | SURE or not BRACES.search(text):
        return False
    if kind in SURE:
        return bool(kind is not Kind.COMPOSE or CHART.search(text) or FOREIGN.search(text))
    if kind is Kind.OTHER and not name:
        return bool(CHART.search(text))
    if kind is Kind.KUBERNETES and CHART.search(text):
        return True
    return PurePosixPath(name).suffix.lower() in ENDINGS and not is_yaml(text)
