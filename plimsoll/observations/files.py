"""What a deployment's own files say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One nginx directive. `context` names the blocks around it, outermost first, each as `inside` says."""

    name: str
    arguments: tuple[str, ...]
    file: str
    line: int
    context: tuple[str, ...]

    @property
    def where(self) -> str:
        """File and line, for evidence."""
        return f"{self.file}:{self.line}"

    @property
    def inside(self) -> tuple[str, ...]:
        """The context of what stands in the block that this directive opens; no other block has it."""
        return (*self.context, f"{' '.join((self.name, *self.arguments))}#{self.where}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directives:
    """The directives of an nginx configuration, in the order in which nginx reads them."""

    directives: tuple[Directive, ...]

    def named(self, *names: str) -> Iterator[Directive]:
        """The directives of these names, in file order."""
        return (d for d in self.directives if d.name in names)

    def effective(self, name: str, context: tuple[str, ...]) -> tuple[Directive, ...]:
        """What applies in one block: the innermost level that sets the directive wins (nginx inheritance)."""
        for depth in range(len(context), -1, -1):
            here = tuple(d for d in self.directives if d.name == name and d.context == context[:depth])
            if here:
                return here
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxConfig(Directives):
    """The edge's configuration as the very file says it, and what nginx itself and the TLS library make of it.

    `test` is the last line of `nginx -t` ("" if the program is not at hand), `suites` maps each ssl_ciphers string to
    the suite names it resolves to, `unknown_suites` to the names in it that no TLS library knows.
    """

    test_passed: bool | None
    test: str
    suites: Mapping[str, tuple[str, ...]]
    unknown_suites: Mapping[str, tuple[str, ...]]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many directives were read; a file that nginx refuses was seen, even if nothing in it could be."""
        return len(self.directives) or int(self.test_passed is False)
