"""What becomes of a failure in a script: whether anybody hears of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Script, ShellScripts
from plimsoll.rules.operations.programs import Call, calls_of, feeds, heeded, matters

__all__ = [
    "directory_changes_checked",
    "failures_not_swallowed",
    "pipe_status_kept",
    "scripts_stop_on_error",
    "status_tested_in_time",
]

TESTS = frozenset({"[", "[[", "test", "(("})
HARMLESS = frozenset({"true", ":", "echo", "printf", "logger", "wall"})
PIPEFAIL = "set -o pipefail: without it a pipeline's status is that of its last command"
BRANCH = re.compile(r"\s*(elif|else|fi|esac|done|;;|\})")
"""Where another way through the script begins: what stands above did not run just before."""

NEAR = 6
"""Commands after a `cd` that are surely meant for its folder."""

NO_SCRIPT = "no shell script is among the files"


def pipe_status_kept(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """In a script, a pipeline fails when the command in it that reads or writes data does."""
    whole = [script for script in scripts.of(files) if script.whole]
    piped = [(s, call) for s in whole for call in calls_of(s) if call.command.pipe and not call.command.last]
    mattering = [(s, call) for s, call in piped if matters(call) or feeds(s, call)]
    return promise.judged(
        [
            Hole(
                spot=call.spot,
                what=f"when {call.program} fails, nobody knows: the pipeline's status is that of "
                f"{_end(script, call)} after it",
                fix=PIPEFAIL,
            )
            for script, call in mattering
            if not call.command.pipefail
        ],
        looked=[f"{call.spot}: {call.program} |" for _, call in mattering],
        expected="pipelines that fail with any of their parts",
        nothing="no script pipes what matters into anything",
    )


def _end(script: Script, call: Call) -> str:
    last = [other for other in calls_of(script) if other.command.pipe == call.command.pipe][-1]
    return last.program or "what comes"


def scripts_stop_on_error(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """A script of several steps does not go on after one that matters has failed."""
    holes, looked = [], []
    for script in scripts.of(files):
        steps = [call for call in calls_of(script) if matters(call) and not call.command.nested]
        alone = len({call.command.pipe or -call.number for call in steps}) < 2  # noqa: PLR2004 - one step has no next
        if not script.whole or not steps or alone:
            continue
        looked.append(f"{steps[0].spot}: {script.name}, {len(steps)} steps that matter")
        for call in steps:
            ended = call.command.last and not heeded(script, call) and call.number + 1 < len(script.commands)
            if ended:
                holes.append(
                    Hole(
                        spot=call.spot,
                        what=f"{script.name} goes on after {call.program} has failed, and ends as if all were well",
                        fix="set -euo pipefail at the top",
                    )
                )
                break
    return promise.judged(
        holes, looked=looked, expected="scripts that stop at the first step that fails", nothing=NO_SCRIPT
    )


def failures_not_swallowed(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """No step that matters is followed by an `|| true` or `|| echo` that makes its failure a success."""
    steps = [(s, call) for s in scripts.of(files) for call in calls_of(s) if matters(call)]
    holes = []
    for script, call in steps:
        others = [calls_of(script)[number] for number in call.command.otherwise]
        if others and all(_harmless(other) for other in others):
            holes.append(
                Hole(
                    spot=call.spot,
                    what=f"the failure of {call.program} is swallowed by `|| {others[0].command.text}`",
                    fix="|| { say what failed; exit 1; }",
                )
            )
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.program}" for _, call in steps],
        expected="failures that stay failures",
        nothing="no script has a step whose failure loses data",
    )


def _harmless(call: Call) -> bool:
    return call.program in HARMLESS or (call.program == "exit" and call.arguments == ("0",))


def status_tested_in_time(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """The status `$?` is asked for right after the command that it is about, where that command may fail at all."""
    asked, holes = [], []
    for script in scripts.of(files):
        for call in calls_of(script):
            if "$?" not in call.command.text or call.program not in TESTS:
                continue
            asked.append(call)
            holes += list(_too_late(script, call))
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.command.text}" for call in asked],
        expected="$? looked at while it still says what it is about",
        nothing="no script asks for $?",
    )


def _too_late(script: Script, call: Call) -> Iterator[Hole]:
    before = [c for c in calls_of(script)[: call.number] if not c.command.nested and c.command.last]
    before = [c for c in before if c.command.within == call.command.within]
    if not before:
        return
    previous = before[-1]
    first = script.source.spot(1).line
    between = script.source.text.splitlines()[previous.spot.line - first : call.spot.line - first + 1]
    if any(BRANCH.match(line) for line in between):
        return
    if previous.program in HARMLESS | {"date"}:
        yield Hole(
            spot=call.spot,
            what=f"$? is the status of {previous.program}, not of what was done before",
            fix="if COMMAND; then … right away",
            beside=(previous.spot,),
        )
    elif previous.command.stops and not previous.command.tested and not previous.command.otherwise:
        yield Hole(
            spot=call.spot,
            what=f"the branch for a failure of {previous.program or 'the command before'} is never reached: "
            "with set -e the script has ended by then, without the message",
            fix="if ! COMMAND; then … (set -e lets a command fail that is tested)",
            beside=(previous.spot,),
        )


def directory_changes_checked(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """A script that unpacks, copies or deletes in a folder does not do it elsewhere when `cd` fails."""
    changes, holes = [], []
    for script in scripts.of(files):
        calls = calls_of(script)
        for call in calls:
            if call.program != "cd" or not script.whole:
                continue
            changes.append(call)
            after = next(
                (c for c in calls[call.number + 1 :][:NEAR] if c.program in ("rm", "tar", "cp", "mv", "find")), None
            )
            if after and not heeded(script, call):
                holes.append(
                    Hole(
                        spot=call.spot,
                        what=f"where {call.command.text!r} fails, {after.program} works in another folder",
                        fix="cd … || exit 1, or set -e",
                        beside=(after.spot,),
                    )
                )
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.command.text}" for call in changes],
        expected="no step in a folder that was not reached",
        nothing="no script changes its folder",
    )
