"""Who may touch what lies on a host."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Promise
from plimsoll.observations import PathModes

__all__ = ["paths_guarded"]

PERMISSIONS = 0o7777
WORLD = 0o007


def paths_guarded(
    promise: Promise, seen: PathModes, *, paths: tuple[str, ...], mode: str = "0750", groups: tuple[str, ...] = ()
) -> Finding:
    """Every one of these paths is there, with no permission beyond `mode`, and, if given, in one of the groups."""
    most = int(mode, 8) if re.fullmatch(r"[0-7]{3,4}", mode) else 0o750
    whose = f", group {' or '.join(groups)}" if groups else ""
    expected = f"{', '.join(paths)}: at most {most:04o}{whose}"
    found = [each for path in paths for each in seen.of(path)]
    evidence = [f"{each.where}: {each.path} {each.shown}" for each in found]
    wrong = []
    for each in found:
        beyond = each.mode & ~most & PERMISSIONS
        if beyond & WORLD:
            wrong.append(f"{each.where}: {each.path} is open to everybody ({each.shown})")
        elif beyond:
            wrong.append(f"{each.where}: {each.path} is open beyond {most:04o} ({each.shown})")
        if groups and each.group not in groups:
            wrong.append(f"{each.where}: {each.path} belongs to group {each.group}")
    missing = [path for path in paths if not seen.of(path)]
    if missing and seen.at_rest:
        wrong += [f"{path} is stated in none of {', '.join(seen.files)}" for path in missing]
    if wrong:
        return promise.broken(
            expected=expected,
            actual="; ".join(wrong),
            message=wrong[0],
            hint=f"in tmpfiles.d: d {paths[0]} {most:04o} root {groups[0] if groups else 'backup'} -",
            evidence=evidence,
        )
    if missing or not found:
        words = f"{missing[0]} was not seen" if missing else "no path is promised"
        return promise.unknown(words, expected=expected, evidence=evidence)
    rest = " as stated at rest" if seen.at_rest else " on the host"
    return promise.kept(expected=expected, actual=f"{', '.join(e.shown for e in found)}{rest}", evidence=evidence)
