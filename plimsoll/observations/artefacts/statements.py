"""SQL files as statements, and programs as texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts, SourceFile, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    r"""One statement of a file, without comments; its lines are those of the file.

    `text` is what stands there; in `bare`, which is as long, the contents of strings are blanks, so that words found in
    it are words of the statement. A line that tells psql something (`\c shop`) is a statement too.
    """

    source: SourceFile = field(repr=False)
    first: int
    text: str = field(repr=False)
    bare: str = field(repr=False)

    @property
    def spot(self) -> Spot:
        """Where it begins."""
        return self.source.spot(self.first)

    def spot_at(self, offset: int) -> Spot:
        """Where the character of that number stands."""
        return self.source.spot(self.first + self.text.count("\n", 0, offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlStatements(Artefacts):
    """The statements of all SQL files, in order."""

    statements: tuple[Statement, ...] = ()

    def by_file(self) -> Iterator[tuple[SourceFile, tuple[Statement, ...]]]:
        """The statements of each file."""
        for source in self.sources:
            yield source, tuple(each for each in self.statements if each.source is source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs(Texts):
    """Sources of programs: JavaScript, TypeScript, Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFiles(Texts):
    """Files that may say on what machines the deployment runs: Terraform, and whatever has no other kind."""
