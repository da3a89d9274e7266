"""That what is deleted by age is what was made, and nothing that somebody else keeps."""

from __future__ import annotations

import fnmatch
import re

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ShellScripts
from plimsoll.rules.backup.made import backups
from plimsoll.rules.backup.retention import Pruning, prunings
from plimsoll.rules.texts import whole_number

__all__ = ["retention_finds_backups", "retention_spares_others"]


def retention_finds_backups(promise: Promise, scripts: ShellScripts) -> Finding:
    """What a script deletes by age is what it makes: where the two names differ the disk fills up."""
    found = list(backups(scripts))
    pruning = [p for p in prunings(scripts) if "-empty" not in p.call.arguments]
    holes = []
    for script in {id(b.script): b.script for b in found}.values():
        made = [b for b in found if b.script is script]
        pruned = [p for p in pruning if p.script is script]
        if not made or not pruned or any(_takes(p, b.file) for p in pruned for b in made):
            continue
        spot = pruned[0].call.spot
        what = f"deletes {pruned[0].folder}/{pruned[0].pattern or '*'}, and {script.name} writes {made[0].file}"
        holes.append(Hole(spot=spot, what=what, fix="the same folder and name in both", beside=(made[0].call.spot,)))
    return promise.judged(
        holes,
        looked=[f"{b.call.spot}: {b.file}" for b in found],
        expected="retention of what is made",
        nothing="no script makes a backup",
    )


def _takes(pruning: Pruning, file: str) -> bool:
    """Whether a `find` would delete a file of that name, which may hold `*` for what is not known."""
    folder = pruning.folder.rstrip("/")
    if not file.startswith(f"{folder}/"):
        return False
    inside = file.removeprefix(f"{folder}/")
    depth = whole_number(pruning.call.value_of("-maxdepth"))
    if pruning.call.value_of("-type") == "d":  # a folder goes with all that is in it
        folders = inside.replace("*", "0").split("/")[:-1][:depth]
        return any(fnmatch.fnmatchcase(each, pruning.pattern or "*") for each in folders)
    # A folder that is made whole, its parts named by what stands in it (`full_*/*`), is taken by a test of the path.
    if depth is not None and inside.count("/") + 1 > depth and "/" not in pruning.pattern:
        return False
    name = inside.rpartition("/")[2].replace("*", "0")
    whole = f"{folder}/{inside.replace('*', '0')}"
    return not pruning.pattern or any(
        fnmatch.fnmatchcase(text, pruning.pattern) for text in (name, whole, f"{whole}/0")
    )


def retention_spares_others(promise: Promise, scripts: ShellScripts) -> Finding:
    """What one script deletes by age is nothing that another keeps for longer."""
    found, pruned = list(backups(scripts)), [p for p in prunings(scripts) if _days(p)]
    holes = []
    for backup in found:
        own = [p for p in pruned if p.script is backup.script and _takes(p, backup.file)]
        for other in pruned:
            if other.script is backup.script or not own or not _takes(other, backup.file):
                continue
            if _days(other) < min(map(_days, own)):
                holes.append(
                    Hole(
                        spot=other.call.spot,
                        what=f"deletes after {_days(other)} days what {backup.script.name} keeps for {_days(own[0])}: "
                        f"{backup.file}",
                        fix="a name to go by, and each kind of backup in a folder of its own",
                        beside=(own[0].call.spot,),
                    )
                )
    return promise.judged(
        holes,
        looked=[pruning.said for pruning in pruned],
        expected="each retention for its own backups",
        nothing="no script deletes by age",
    )


def _days(pruning: Pruning) -> int:
    return int(pruning.age[1:5]) if pruning.test == "-mtime" and re.fullmatch(r"\+\d+", pruning.age) else 0
