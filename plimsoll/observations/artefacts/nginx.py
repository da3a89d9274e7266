"""Every nginx configuration among the files, whole or in pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts, Purpose, SourceFile
from plimsoll.observations.files import Directive, Directives

Context = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misplaced:
    """A directive in a block where nginx takes none of its name, and the blocks where it does."""

    directive: Directive
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxTree(Directives):
    """One file that no other includes, with everything that it includes in place.

    `around` are the blocks that it was read inside, because it shows none itself: a file that begins with `server {`
    stands inside `http`. Only a `whole` one says everything that applies to it, and even there what stands in a file
    that is not at hand is unknown: `gaps` are the blocks that include such a file. `suites` maps each cipher string to
    the suites that it means, `ghosts` to the names in it that mean nothing.
    """

    source: SourceFile
    around: tuple[str, ...] = ()
    whole: bool = False
    gaps: frozenset[Context] = frozenset()
    misplaced: tuple[Misplaced, ...] = ()
    suites: Mapping[str, tuple[str, ...]]
    ghosts: Mapping[str, tuple[str, ...]]

    @property
    def note(self) -> str:
        """How a piece was read, for findings; "" for a whole configuration."""
        return f" (a piece, read as part of {' and '.join(self.around)})" if self.around else ""

    @property
    def for_production(self) -> bool:
        """Whether it is for production, as its name says."""
        return self.source.purpose in (Purpose.PRODUCTION, Purpose.STAGING)

    @property
    def blocks(self) -> tuple[Context, ...]:
        """The contexts of all blocks with anything in them, outermost first."""
        return tuple(
            dict.fromkeys(d.context[:depth] for d in self.directives for depth in range(1, 1 + len(d.context)))
        )

    def inside(self, context: Context) -> tuple[Directive, ...]:
        """What stands in a block itself, and not in a block within it."""
        return tuple(d for d in self.directives if d.context == context)

    def within(self, context: Context) -> tuple[Directive, ...]:
        """What stands in a block, or in one within it."""
        return tuple(d for d in self.directives if d.context[: len(context)] == context)

    def lacks(self, name: str, context: Context) -> bool:
        """Whether it is certain that nothing sets this in a block, nor in one around it."""
        shown = self.whole and not any(context[: len(gap)] == gap for gap in self.gaps)
        return shown and not self.effective(name, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxFiles(Artefacts):
    """Every nginx configuration, and every piece of one."""

    trees: tuple[NginxTree, ...]

    def for_production(self) -> tuple[NginxTree, ...]:
        """Those that are for production."""
        return tuple(tree for tree in self.trees if tree.for_production)


def spot(directive: Directive) -> Spot:
    """Where a directive stands."""
    return Spot(directive.file, directive.line)
