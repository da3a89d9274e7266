"""What the commands of a Dockerfile do, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.observations.artefacts import Dockerfile, Instruction, Stage

INSTALL = re.compile(
    r"\b(npm\s+(ci|install|i)|yarn(\s+install)?|pnpm\s+(install|i)|bun\s+install)\b(?!\s+-g|\s+--global)"
)
WITHOUT = re.compile(r"--only[= ]prod(uction)?\b|--omit[= ]dev\b|--prod(uction)?(=true)?\b|\s-P\b")
WITH = re.compile(r"--include[= ]dev\b|--production=false|--prod=false")
PACKAGES = re.compile(r"\b(npm\s+(install|i)|yarn\s+add|pnpm\s+(install|i|add))\s+(-\S+\s+)*[a-z@][\w@/.-]*")
"""Packages added by name: what is installed then nobody can tell from here."""

BUILD = re.compile(
    r"\b((npm|pnpm|bun)\s+run\s+build\b|(yarn|pnpm)\s+(run\s+)?build\b|npx\s+(tsc|vite|next|nest|webpack)\b|tsc\b|"
    r"(vite|next|nest|webpack)\s+build\b)"
)
PRODUCTION = re.compile(r"\bNODE_ENV[= ]\"?production\b")
SEPARATORS = re.compile(r"&&|;|\|\||\n")


@dataclass(frozen=True, slots=True)
class Installed:
    """What the packages of a stage are, as far as one can tell, and the instruction that brought them.

    `all_of_them` is None where nobody can tell.
    """

    all_of_them: bool | None = None
    by: Instruction | None = None


def commands(instruction: Instruction) -> Iterator[str]:
    """The commands of a RUN, one by one."""
    yield from (part.strip() for part in SEPARATORS.split(" ".join(instruction.listed) or instruction.text))


def starved_builds(recipe: Dockerfile, stage: Stage) -> Iterator[tuple[Instruction, Instruction]]:
    """Every build that runs with the packages for production alone, after the instruction that installed these."""
    yield from _followed(recipe, stage)[1]


def builds_something(recipe: Dockerfile, stage: Stage) -> bool:
    """Whether a stage, or one that it stands on, runs anything that might make files."""
    return any(
        not re.match(r"(apk|apt-get|apt|yum|dnf|mkdir|chown|adduser|addgroup|useradd|groupadd|rm)\b", command)
        and not INSTALL.search(command)
        for each in recipe.lineage(stage)
        for run in each.named("RUN")
        for command in commands(run)
    )


def _followed(recipe: Dockerfile, stage: Stage) -> tuple[Installed, list[tuple[Instruction, Instruction]]]:
    """What is installed at the end of a stage, and its starved builds."""
    parent = recipe.stage(stage.base)
    earlier = parent is not None and parent.number < stage.number
    state = _followed(recipe, parent)[0] if parent and earlier else Installed()
    production, starved = False, list[tuple[Instruction, Instruction]]()
    for each in stage.instructions:
        if each.name == "ENV" and PRODUCTION.search(each.text):
            production = True
        elif each.name == "COPY" and each.flag("from"):
            state = _copied(recipe, stage, each, state)
        elif each.name == "RUN":
            for command in commands(each):
                if BUILD.search(command) and state.all_of_them is False and state.by:
                    starved.append((state.by, each))
                state = _after(command, each, state, production=production)
    return state, starved


def _after(command: str, by: Instruction, state: Installed, *, production: bool) -> Installed:
    if not INSTALL.search(command):
        return state
    if PACKAGES.search(command):
        return Installed(by=by)
    lean = bool(WITHOUT.search(command)) or (production and not WITH.search(command))
    # What is there already stays, also where an install for production alone comes after it in another order.
    return state if lean and state.all_of_them else Installed(all_of_them=not lean, by=by)


def _copied(recipe: Dockerfile, stage: Stage, copy: Instruction, state: Installed) -> Installed:
    if "node_modules" not in copy.text:
        return state
    source = recipe.stage(copy.flag("from"))
    return _followed(recipe, source)[0] if source and source.number < stage.number else Installed()
