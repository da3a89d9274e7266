"""Our own workflows leave no deployment out."""

from __future__ import annotations

import re

import pytest
import yaml

from plimsoll.deployment import DEPLOYMENTS, FILE
from tests.imports import HOME

NIGHTLY = HOME / ".github" / "workflows" / "nightly.yml"
EVERY = sorted(path.parent.name for path in DEPLOYMENTS.glob(f"*/{FILE}"))


@pytest.mark.parametrize("job", ["drills", "drill-mutants"])
def test_every_deployment_is_drilled_every_night(job: str) -> None:
    """All of them, and nothing is given up because another one failed."""
    strategy = yaml.safe_load(NIGHTLY.read_text(encoding="utf-8"))["jobs"][job]["strategy"]
    assert sorted(strategy["matrix"]["deployment"]) == EVERY
    assert strategy["fail-fast"] is False


def test_drills_run_on_both_kinds_and_remember() -> None:
    """The history of earlier nights is there before, and kept afterwards whatever this one showed."""
    job = yaml.safe_load(NIGHTLY.read_text(encoding="utf-8"))["jobs"]["drills"]
    assert sorted(job["strategy"]["matrix"]["stack"]) == ["containers", "processes"]
    steps = [re.sub(r"@.*", "", step.get("uses", "")) or step["run"] for step in job["steps"]]
    drill = next(number for number, step in enumerate(steps) if "-e drill" in step)
    assert steps.index("actions/cache/restore") < drill < steps.index("actions/cache/save")
    save = job["steps"][steps.index("actions/cache/save")]
    restored = job["steps"][steps.index("actions/cache/restore")]["with"]
    assert save["if"] == "${{ !cancelled() }}"
    assert save["with"] == {name: restored[name] for name in ("path", "key")}
    assert save["with"]["path"] == "reports/history.jsonl"
