"""What a scanner is: which files it knows, where it comes from, and how it looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from plimsoll.observations.artefacts import Kind, SourceFile
from plimsoll.probes.scanners.desk import Desk
from plimsoll.probes.scanners.results import Result, Unread

POLICIES = Path(__file__).parents[3] / "policies"
"""Where pins and configurations of scanners lie."""

Look = Callable[[Desk], Iterable[Result | Unread]]

ODD = re.compile(r"[^\w.@/-]+")
"""What no file needs in its name here."""


def as_named(source: SourceFile) -> str:
    """Where a file lies on the desk: under its own name; a block of a guide in a folder of its own."""
    name = "/".join(part for part in ODD.sub("_", source.name).split("/") if part not in ("", ".", "..")) or "unnamed"
    if name[0] in "-@":
        name = f"_{name}"  # else it would be taken for an option
    return f"L{source.first}/{name}" if source.fragment else name


def everything(_: SourceFile) -> bool:
    """All files of its kinds."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """One scanner. A scanner of an environment (`home`) is installed by us, any other is a program of this machine.

    `knows` are the kinds of files it looks at, `meant` which of them. What it says of a file depends on that file alone
    unless they are judged `together`. `place` is where it wants a file to lie, `settings` what else decides what it
    says (files of ours); one that `follows` references reads files of other kinds, too. `package` has the program where
    it is not ours to install; `packages` are what the pins call it, if not by its name.
    """

    name: str
    program: str
    look: Look
    knows: frozenset[Kind]
    meant: Callable[[SourceFile], bool] = everything
    home: str = ""
    package: str = ""
    together: bool = False
    place: Callable[[SourceFile], str] = as_named
    settings: tuple[Path, ...] = ()
    packages: tuple[str, ...] = ()
    follows: bool = False
    asks_version: str = "--version"

    def takes(self, sources: Iterable[SourceFile]) -> tuple[SourceFile, ...]:
        """The files that it knows."""
        return tuple(source for source in sources if source.kind in self.knows and self.meant(source))


def kinds(*these: Kind) -> frozenset[Kind]:
    """These kinds of files."""
    return frozenset(these)
