"""Dockerfiles as stages of instructions, read as BuildKit reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from plimsoll.model import Spot
from plimsoll.observations.artefacts import Dockerfile, Dockerfiles, Instruction, SourceFile, Stage, Trouble

DIRECTIVE = re.compile(r"^#\s*escape\s*=\s*(?P<escape>[\\`])\s*$", re.IGNORECASE)
FLAG = re.compile(r"--(?P<name>[a-z-]+)(?:=(?P<value>\"[^\"]*\"|\S*))?\s+")
HEREDOC = re.compile(r"<<-?\s*[\"']?(?P<word>\w+)[\"']?")
FROM = re.compile(r"^(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
INSTRUCTIONS = re.compile(
    r"ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    r"|WORKDIR"
)


def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> Dockerfiles:
    """Every recipe, and what in them is none."""
    recipes: list[Dockerfile] = []
    troubles: list[Trouble] = []
    for source in sources:
        instructions = list(_instructions(source))
        troubles += [
            Trouble(spot=each.spot, what=f"{each.name[:20]!r} is no instruction")
            for each in instructions
            if not INSTRUCTIONS.fullmatch(each.name)
        ]
        if recipe := read(source, instructions):
            recipes.append(recipe)
        elif not source.fragment:
            troubles.append(Trouble(spot=source.spot(1), what="has no FROM"))
    return Dockerfiles(sources=sources, recipes=tuple(recipes), troubles=tuple(troubles), seen_at=seen_at)


def read(source: SourceFile, instructions: Sequence[Instruction]) -> Dockerfile | None:
    """The recipe; None where no stage begins."""
    arguments: list[Instruction] = []
    stages: list[list[Instruction]] = []
    for each in instructions:
        if each.name == "FROM":
            stages.append([each])
        elif stages:
            stages[-1].append(each)
        else:
            arguments.append(each)
    if not stages:
        return None
    built = tuple(_stage(number, first, rest) for number, (first, *rest) in enumerate(stages))
    return Dockerfile(source=source, stages=built, arguments=tuple(each for each in arguments if each.name == "ARG"))


def _stage(number: int, first: Instruction, rest: Sequence[Instruction]) -> Stage:
    match = FROM.match(first.text)
    return Stage(
        number=number,
        base=match["base"] if match else first.text,
        name=((match["name"] or "") if match else "").lower(),
        spot=first.spot,
        instructions=tuple(rest),
    )


def _instructions(source: SourceFile) -> Iterator[Instruction]:
    escape, lines = "\\", source.text.splitlines()
    if lines and (said := DIRECTIVE.match(lines[0])):
        escape = said["escape"]
    number = 0
    while number < len(lines):
        start, words = number, list[str]()
        while number < len(lines):
            line = lines[number].strip()
            number += 1
            if not line or line.startswith("#"):
                if not words:
                    start = number
                continue  # comments and empty lines may stand within an instruction
            words.append(line.removesuffix(escape).rstrip())
            if not line.endswith(escape):
                break
        if not words:
            return
        text = " ".join(words).strip()
        if not text:
            continue
        if text.split(maxsplit=1)[0].upper() in ("RUN", "COPY", "ADD"):
            body, number = _heredocs(text, lines, number)
            text += body
        yield _instruction(text, source.spot(start + 1))


def _heredocs(text: str, lines: Sequence[str], number: int) -> tuple[str, int]:
    """The lines of the here-documents that an instruction opens, and the line after them."""
    body = ""
    for word in HEREDOC.findall(text):
        while number < len(lines):
            line = lines[number].strip()
            number += 1
            if line == word:
                break
            body += f"\n{line}"
    return body, number


def _instruction(text: str, spot: Spot) -> Instruction:
    name, _, rest = text.partition(" ")
    rest, flags = rest.strip(), list[tuple[str, str]]()
    while match := FLAG.match(rest):
        flags.append((match["name"], (match["value"] or "").strip('"')))
        rest = rest[match.end() :]
    return Instruction(name=name.upper(), flags=tuple(flags), text=rest, spot=spot)
