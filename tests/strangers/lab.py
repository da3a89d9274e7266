"""What becomes of every mistake and every oddity of one stranger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from plimsoll.mutants.laboratory import Laboratory
from plimsoll.mutants.mutant import read_mutants
from tests.strangers.stranger import stranger


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What is not green without a mistake, and which mutants were not seen as they should be, in words."""

    red: tuple[str, ...]
    missed: tuple[str, ...]


def tried(server: str) -> Tried:
    """Every promise is judged for each mutant and each variant of that server. It takes a process of its own."""
    with stranger(server) as serving, TemporaryDirectory() as place:
        mutants = read_mutants(serving.folder / "mutants", serving.deployment)
        laboratory = Laboratory(serving.deployment, serving, Path(place) / "mutant", mutants, thorough=True)
        trials = [laboratory.trial(mutant) for mutant in laboratory.mutants]
        return Tried(
            red=tuple(f"{f.promise.id} {f.outcome}: {f.message}" for f in laboratory.red),
            missed=tuple(
                f"{t.mutant.name} {t.verdict}: {t.message}" for t in trials if t.verdict not in ("killed", "kept")
            ),
        )
