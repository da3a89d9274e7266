"""The variables of environment files, measured; their values are compared and never told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts, Purpose, SourceFile, meant
from plimsoll.observations.secrets import ELSEWHERE, EMPTY, RECIPE, STATED

FOR_PRODUCTION = (Purpose.PRODUCTION, Purpose.STAGING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One line of an environment file: NAME=value.

    `kind`, `length` and `distinct` are those of a `StatedSecret`. `digest` tells whether two values are the same,
    `trap` what readers of such files understand differently in the line. The value itself is for rules to take apart;
    no message shows it.
    """

    name: str
    source: SourceFile = field(repr=False)
    line: int
    kind: str = STATED
    length: int = 0
    distinct: int = 0
    digest: str = ""
    trap: str = ""
    value: str = field(default="", repr=False)

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return self.source.spot(self.line)

    @property
    def literal(self) -> bool:
        """Whether the value is used as it stands: neither a gap, nor a recipe, nor a reference to another place."""
        return self.kind not in (ELSEWHERE, EMPTY, RECIPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFiles(Artefacts):
    """Environment files, their variables in order."""

    variables: tuple[Variable, ...] = ()

    def of(self, files: str = "", *, purposes: tuple[Purpose, ...] = ()) -> Iterator[Variable]:
        """The variables of files whose names match a pattern, or that are for one of these purposes."""
        for variable in self.variables:
            if meant(variable.source, files) and (not purposes or variable.source.purpose in purposes):
                yield variable

    def for_production(self, files: str = "") -> Iterator[Variable]:
        """Those that run in production and staging; those of named files whatever they are for."""
        return self.of(files, purposes=() if files else FOR_PRODUCTION)

    def named(self, name: str) -> tuple[Variable, ...]:
        """Every place that states a variable."""
        return tuple(variable for variable in self.variables if variable.name == name)

    def files(self, pattern: str = "") -> tuple[SourceFile, ...]:
        """The files whose names match a pattern."""
        return tuple(source for source in self.sources if meant(source, pattern))
