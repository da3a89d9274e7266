"""The secrets that environment files state, without the secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

STATED, RECIPE, ELSEWHERE, EXAMPLE, EMPTY = "stated", "recipe", "elsewhere", "example", "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSecret:
    """A variable in a file: how long its value is, of how many different characters, and what kind of value it is.

    `kind` is `stated` for a value that is used as it stands, `recipe` for one that says how it is made (`<32 random
    bytes, base64>`), `elsewhere` for one that comes from another place (`${…}`), `example` for one that guides show,
    `empty` for none. The length of a recipe is that of what it makes.
    """

    name: str
    file: str
    line: int
    kind: str = STATED
    length: int = 0
    distinct: int = 0

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSecrets:
    """The variables of a deployment's environment files."""

    files: tuple[str, ...]
    secrets: tuple[StatedSecret, ...]
    seen_at: datetime

    @property
    def amount(self) -> int:
        """How many files were read: that a name stands in none of them is something seen."""
        return len(self.files)

    def named(self, name: str) -> tuple[StatedSecret, ...]:
        """Every place that states a variable."""
        return tuple(secret for secret in self.secrets if secret.name == name)
