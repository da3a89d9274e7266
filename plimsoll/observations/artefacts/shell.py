"""Shell scripts as a parser reads them: commands with their words, and what becomes of each one's exit status."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Artefacts, Purpose, SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a command.

    `text` is how it is written. `value` is what it means as far as the files tell: quotes gone, variables that the
    script (or an environment file it reads) sets in place, `*` for what a command prints, `$NAME` for what nobody sets.
    `loose` are variables outside of quotes, `bare` those that an empty value would make vanish.
    """

    text: str
    value: str
    loose: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Where a command's output goes, or its input comes from; `operator` is `>`, `>>`, `<`, `2>`, `<<` and the like."""

    operator: str
    target: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One simple command.

    `pipe` numbers the pipeline it is a part of (0: none), `last` whether it gives that pipeline its status. `tested`
    is a command whose status something looks at (`if`, `while`, `!`, left of `&&` or `||`); `otherwise` are the numbers
    of the commands that run when it fails. `stops` is whether a failure ends the script by itself there (errexit),
    `pipefail` whether a pipeline then fails with any of its parts. `within` is the function it stands in, `nested` is
    a command whose output is taken ($(…)).
    """

    spot: Spot
    words: tuple[Word, ...]
    assigned: tuple[tuple[str, Word], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    pipe: int = 0
    last: bool = True
    tested: bool = False
    otherwise: tuple[int, ...] = ()
    stops: bool = False
    pipefail: bool = False
    within: str = ""
    nested: bool = False
    background: bool = False

    @property
    def argv(self) -> tuple[str, ...]:
        """The words as far as they are known."""
        return tuple(word.value for word in self.words)

    @property
    def text(self) -> str:
        """The command in one line."""
        return " ".join(word.text for word in self.words)

    def written_to(self) -> Iterator[str]:
        """The files that its output is written to."""
        return (r.target.value for r in self.redirects if r.operator in (">", ">|", ">>", "&>", "&>>", "1>"))

    def read_from(self) -> Iterator[str]:
        """The files that its input comes from."""
        return (r.target.value for r in self.redirects if r.operator == "<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A variable set for the rest of the script."""

    name: str
    value: Word
    spot: Spot


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Script:
    """One script, or a list of commands in a guide.

    `whole` is one that runs by itself: it has a first line that says with what, functions, or options of its own. Of a
    mere list of commands nobody knows what stops it. `reads` are the files it takes settings from, `known` what they
    and the script set. A script is equal to itself alone, so that what is made of it can be kept.
    """

    source: SourceFile
    commands: tuple[Command, ...]
    assignments: tuple[Assignment, ...]
    functions: tuple[str, ...]
    whole: bool
    reads: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.source.name.rpartition("/")[2]

    def inside(self, function: str) -> tuple[Command, ...]:
        """The commands of a function."""
        return tuple(command for command in self.commands if command.within == function)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellScripts(Artefacts):
    """Shell scripts, understood."""

    scripts: tuple[Script, ...]

    def of(self, files: str = "") -> tuple[Script, ...]:
        """The scripts whose names match a pattern; without one, those for production."""
        if files:
            return tuple(s for s in self.scripts if fnmatch.fnmatchcase(s.source.name, files))
        return tuple(s for s in self.scripts if s.source.purpose in (Purpose.PRODUCTION, Purpose.STAGING))
