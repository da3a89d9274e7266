"""What the edge of a real stack writes about requests is found in its logs, and what it does not write is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from plimsoll.deployment import find, read_deployment
from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.probes.web import health
from plimsoll.probes.web.askings import asking_for
from plimsoll.runs import Run, new_run_id
from plimsoll.stacks.artefacts import stage
from plimsoll.stacks.processes.stack import ProcessesStack
from plimsoll.stacks.protocol import Stack
from tests.quiet_stack import QuietStack

PROXIED = "        location / {\n            proxy_pass http://nestmap_app;"
UNLOGGED = """        location = /health {
            access_log off;
            proxy_pass http://nestmap_app;
        }

"""


def test_only_what_is_logged_is_found(tmp_path: Path) -> None:
    """The page leaves a line with its mark; health, whose location turns the log off, leaves none."""
    whole = read_deployment(find("nestmap"))
    nestmap = replace(whole, services={role: each for role, each in whole.services.items() if each.recipe != "host"})
    stage(nestmap, nestmap.root, tmp_path)
    config = tmp_path / "nginx" / "nginx.conf"
    text = config.read_text(encoding="utf-8")
    assert text.count(PROXIED) == 1
    config.write_text(text.replace(PROXIED, UNLOGGED + PROXIED), encoding="utf-8")
    askings = [asking_for(nestmap, kind) for kind in ("health", "ready", "page")]

    with Run(new_run_id()) as run, ProcessesStack(nestmap, run) as stack:
        stack.reconfigure(tmp_path, {})
        scene = Scene.of(nestmap, stack)
        seen = health.logged(stack, nestmap, scene.visitors, askings)

    assert [(each.exchange.kind, each.exchange.status, len(each.lines)) for each in seen.requests] == [
        ("health", 200, 0),
        ("ready", 200, 1),
        ("page", 200, 1),
    ]
    assert "/ready?plimsoll=" in seen.requests[1].lines[0]
    assert seen.amount == 2


def test_where_there_are_no_logs_nothing_is_said() -> None:
    """A target that shows none is out of reach, not clean."""
    nestmap = read_deployment(find("nestmap"))
    stack = cast(Stack, QuietStack())
    scene = Scene.of(nestmap, stack)
    with pytest.raises(OutOfReach, match="shows no logs"):
        health.logged(stack, nestmap, scene.visitors, [asking_for(nestmap, "page")])
