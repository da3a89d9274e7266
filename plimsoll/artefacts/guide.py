"""The files in a Markdown guide: every fenced block, with its place in the guide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.artefacts import heredocs, names
from plimsoll.artefacts.kinds import kind_of, purpose_of
from plimsoll.observations.artefacts import Kind, SourceFile

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\s]*)(?P<rest>[^`]*)$")
HEADING = re.compile(r"^\s*#{1,6}\s+(?P<text>.+?)\s*#*\s*$|^\s*\*\*(?P<bold>[^*]+)\*\*:?\s*$")
WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class _Block:
    info: str
    names: tuple[str, ...]
    heading: str
    first: int
    text: str


def read(text: str, file: str) -> Iterator[SourceFile]:
    """Every block of a guide as a file; whose name nobody tells is called after its kind and line.

    What a script in it writes to a file follows the script as a file of its own.
    """
    for block in _blocks(text):
        fitting = (name for name in block.names if name and names.fits(name, block.text, block.info))
        named = names.own(block.text, block.info) or next(fitting, "")
        kind = kind_of(named, block.text, info=block.info)
        source = SourceFile(
            name=named or f"{kind}-L{block.first}",
            kind=kind,
            text=block.text,
            file=file,
            first=block.first,
            fragment=True,
            purpose=purpose_of(named or block.heading),
            title=block.heading,
        )
        yield source
        if kind is Kind.SCRIPT:
            yield from heredocs.inside(source)


def _blocks(text: str) -> Iterator[_Block]:
    heading, opened, info, start = "", "", "", 0
    indent, lines, before, named = 0, list[str](), "", ("", "", "")
    for number, line in enumerate(text.split("\n"), start=1):
        fence = FENCE.match(line)
        if opened:
            if fence and fence["fence"].startswith(opened) and not fence["info"]:
                yield _Block(info, named, heading, start, "\n".join(lines) + "\n")
                opened = ""
            else:
                lines.append(line[indent:] if not line[:indent].strip() else line)
            continue
        if fence:
            opened, start, lines = fence["fence"], number + 1, []
            word = WORD.match(fence["info"].lstrip("{."))
            info = word[0].lower() if word else ""
            indent = len(fence["indent"])
            named = (names.told(f"{fence['info']} {fence['rest']}"), names.told(before), names.told(heading))
            before = ""
        elif said := HEADING.match(line):
            heading = said["text"] or said["bold"]
            before = ""
        elif line.strip():
            before = line
    if opened:
        yield _Block(info, named, heading, start, "\n".join(lines) + "\n")
