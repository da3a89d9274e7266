"""Programs that stand before the real ones at a host: some that fail, some that do nothing and say that all is well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plimsoll.drills.host.operator import Operator
from plimsoll.drills.host.traces import Trace, home_of, traced

TOOLS = ("docker", "tar", "pg_dump", "pg_basebackup", "redis-cli")
"""What backups are made with."""

CLIENTS = ("aws",)
"""What sends them away; a client takes longer to start than a small backup to be made."""

FAILING = """#!/bin/sh
echo "${0##*/}: no space left on device" >&2
exit 1
"""
IDLE = """#!/bin/sh
exit 0
"""
EXECUTABLE = 0o755


def broken(operator: Operator) -> Mapping[str, str]:
    """The variables with which whatever makes backups fails."""
    return {"PATH": _before(operator, "broken", TOOLS, FAILING, operator.environment["PATH"])}


def made_here(operator: Operator, command: str, *, more: Mapping[str, str] | None = None) -> Trace:
    """The command run without sending anything off the host; as it is, where it does not put up with that."""
    more = more or {}
    path = _before(operator, "idle", CLIENTS, IDLE, more.get("PATH", operator.environment["PATH"]))
    trace = traced(operator, command, more={**more, "PATH": path})
    return traced(operator, command, more=more) if trace.done.code else trace


def _before(operator: Operator, name: str, programs: Sequence[str], text: str, path: str) -> str:
    """The PATH with these programs before all others."""
    folder = home_of(operator) / name
    folder.mkdir(exist_ok=True)
    for program in programs:
        (folder / program).write_text(text, encoding="utf-8")
        (folder / program).chmod(EXECUTABLE)
    return f"{folder}:{path}"
