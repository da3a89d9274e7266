"""Recipes of images: stages of instructions (the Dockerfile reference)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.model import Spot
from plimsoll.observations.artefacts.source import Purpose, SourceFile, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction: its name in upper case, its flags (`--from=builder`), and the rest as one line."""

    name: str
    flags: tuple[tuple[str, str], ...]
    text: str
    spot: Spot

    def flag(self, name: str) -> str:
        """What a flag says; "" where it is not there."""
        return next((value for key, value in self.flags if key == name), "")

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the exec form (a JSON list), else those between spaces."""
        return self.listed or tuple(self._command.split())

    @property
    def listed(self) -> tuple[str, ...]:
        """The words of the exec form; none in the shell form."""
        if not self._command.startswith("["):
            return ()
        try:
            words = json.loads(self._command)
        except ValueError:
            return ()
        return tuple(map(str, words)) if isinstance(words, list) else ()

    @property
    def _command(self) -> str:
        """What is run; a health check says CMD before it."""
        return self.text.removeprefix("CMD ").strip() if self.name == "HEALTHCHECK" else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: what it starts from, what it is called ("" if nothing), and its instructions."""

    number: int
    base: str
    name: str
    spot: Spot
    instructions: tuple[Instruction, ...]

    def named(self, *names: str) -> tuple[Instruction, ...]:
        """The instructions of these names, in order."""
        return tuple(each for each in self.instructions if each.name in names)

    def last(self, *names: str) -> Instruction | None:
        """The last instruction of these names: it is the one that counts."""
        found = self.named(*names)
        return found[-1] if found else None

    @property
    def answers_to(self) -> tuple[str, ...]:
        """What `--from` may call it."""
        return (str(self.number), *([self.name] if self.name else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    """One recipe. `arguments` are the ARGs before the first stage."""

    source: SourceFile
    stages: tuple[Stage, ...]
    arguments: tuple[Instruction, ...] = ()

    @property
    def final(self) -> Stage:
        """The stage that becomes the image."""
        return self.stages[-1]

    @property
    def whole(self) -> bool:
        """Whether it says how the image is run, and so is no fragment of a recipe."""
        return bool(self.final.named("CMD", "ENTRYPOINT"))

    def stage(self, name: str) -> Stage | None:
        """The stage of that name or number."""
        return next((stage for stage in self.stages if name.lower() in stage.answers_to), None)

    def lineage(self, stage: Stage) -> tuple[Stage, ...]:
        """A stage and the stages that it stands on, itself first."""
        found = [stage]
        while (parent := self.stage(found[-1].base.lower())) and parent.number < found[-1].number:
            found.append(parent)
        return tuple(found)

    def inherited(self, stage: Stage, *names: str) -> Instruction | None:
        """The last instruction of these names in the stage, else in those that it stands on."""
        return next((last for each in self.lineage(stage) if (last := each.last(*names))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfiles(Texts):
    """Recipes of images."""

    recipes: tuple[Dockerfile, ...]

    def meant(self, *, files: str = "") -> Iterator[Dockerfile]:
        """The recipes whose names match a pattern; without one, those for production."""
        kept = (Purpose.PRODUCTION, Purpose.STAGING)
        names = {source.name for source in self.of(files=files)}
        for recipe in self.recipes:
            if recipe.source.name in names and (files or recipe.source.purpose in kept):
                yield recipe
