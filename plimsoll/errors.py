"""Everything that can go wrong, as one tree.

    PlimsollError
    ├── BadInput            a file or an option says something that cannot be: where, what was expected, a hint
    ├── MissingTool         a program this machine lacks: which, and the line that installs it
    ├── StackFailed         a service did not start or did not become ready: its last words
    │   └── NotTaken            a running service would not take the files it was given, and goes on with those it had
    ├── CouldNotLook        a probe could not see: the promise becomes UNKNOWN
    │   └── OutOfReach          this kind of stack cannot show it at all
    │       └── NothingOfTheKind    the deployment has no file of that kind
    └── Refused             something destructive or intrusive was asked of a target that does not allow it

    AssertionError
    └── Judged              a finding other than PASS, carried to pytest
        ├── PromiseBroken
        └── CouldNotTell

Texts are a lowercase fact, then the evidence; the hint is kept apart and printed as `hint: ...`.
"""

from __future__ import annotations

from plimsoll.model import Finding


class PlimsollError(Exception):
    """A fact that ends or hampers a run, with a hint on what to do."""

    def __init__(self, fact: str, *, hint: str = "") -> None:
        super().__init__(fact)
        self.fact = fact
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.fact}\nhint: {self.hint}" if self.hint else self.fact


class BadInput(PlimsollError):
    """A file or an option that says something that cannot be."""

    def __init__(self, fact: str, *, file: str = "", line: int = 0, key: str = "", hint: str = "") -> None:
        where = f"{file}:{line}" if file and line else file
        super().__init__(": ".join(part for part in (where, key, fact) if part), hint=hint)
        self.file = file
        self.line = line
        self.key = key


class MissingTool(PlimsollError):
    """A program that this machine lacks."""


class StackFailed(PlimsollError):
    """A service that did not start, or did not become ready in time."""


class NotTaken(StackFailed):
    """A running service that would not take the files it was given: it goes on with those it had."""


class CouldNotLook(PlimsollError):
    """A probe that could not see what it was asked to look at."""


class OutOfReach(CouldNotLook):
    """Something that this kind of stack cannot show at all."""


class NothingOfTheKind(OutOfReach):
    """A deployment has no file of the kind that is to be looked at: what is generally asked does not apply to it."""


class Refused(PlimsollError):
    """An act that the target's deployment does not allow."""


class Judged(AssertionError):
    """A finding other than PASS, carried to the runner."""

    def __init__(self, finding: Finding) -> None:
        lines = [
            finding.message,
            finding.expected and f"expected: {finding.expected}",
            finding.actual and f"actual:   {finding.actual}",
            *(f"evidence: {line}" for line in finding.evidence[:5]),
            finding.hint and f"hint: {finding.hint}",
            f"source:   {finding.promise.source}",
        ]
        super().__init__("\n".join(line for line in lines if line))
        self.finding = finding


class PromiseBroken(Judged):
    """A promise that does not hold."""


class CouldNotTell(Judged):
    """A promise of which nobody could say whether it holds."""
