"""The files in a Markdown guide: every fenced block, with its place in the guide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.artefacts.kinds import kind_of, purpose_of
from plimsoll.observations.artefacts import SourceFile

FENCE = re.compile(r"^(?P<indent> {0,3}|\s*)(?P<fence>`{3,}|~{3,})\s*(?P<info>[^`\s]*)(?P<rest>[^`]*)$")
HEADING = re.compile(r"^\s*#{1,6}\s+(?P<text>.+?)\s*#*\s*$|^\s*\*\*(?P<bold>[^*]+)\*\*:?\s*$")
NAME = r"(?:[\w.@-]+/)*(?:[\w-]*\.[A-Za-z][\w.-]*|Dockerfile[\w.-]*|crontab)"
QUOTED = re.compile(rf"`/?({NAME})`")
BARE = re.compile(rf"(?<![\w/.@])/?({NAME})(?![\w/])")
"""Words that look like the name of a file."""
FIRST = re.compile(rf"^\s*(?:#|//|--|;)\s*/?({NAME})\s*(?:\(.*\))?$")
"""A first line that is a comment and nothing but a name."""
SHEBANG = re.compile(r"\A#!.*\n")
"""What a script begins with before it says its name."""

LONGEST = 120
"""Characters of a sentence that introduces a file; longer ones speak of several things."""


@dataclass(frozen=True, slots=True)
class _Block:
    info: str
    name: str
    heading: str
    first: int
    text: str


def read(text: str, file: str) -> Iterator[SourceFile]:
    """Every block of a guide as a file; whose name nobody tells is called after its heading and line."""
    for block in _blocks(text):
        first = FIRST.match(SHEBANG.sub("", block.text).partition("\n")[0])
        named = (first[1] if first else "") or block.name
        kind = kind_of(named, block.text, info=block.info)
        yield SourceFile(
            name=named or f"{kind}-L{block.first}",
            kind=kind,
            text=block.text,
            file=file,
            first=block.first,
            fragment=True,
            purpose=purpose_of(named or block.heading),
            title=block.heading,
        )


def _blocks(text: str) -> Iterator[_Block]:
    heading, opened, info, named, start = "", "", "", "", 0
    indent, lines, before = 0, list[str](), ""
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if opened:
            if fence and fence["fence"][0] == opened[0] and len(fence["fence"]) >= len(opened) and not fence["info"]:
                yield _Block(info, named, heading, start, "\n".join(lines) + "\n")
                opened = ""
            else:
                lines.append(line[indent:] if not line[:indent].strip() else line)
            continue
        if fence:
            opened, info, start, lines = fence["fence"], fence["info"], number + 1, []
            indent = len(fence["indent"])
            named = _told(fence["rest"]) or _told(before) or _told(heading)
            before = ""
        elif said := HEADING.match(line):
            heading = said["text"] or said["bold"]
            before = ""
        elif line.strip():
            before = line
    if opened:
        yield _Block(info, named, heading, start, "\n".join(lines) + "\n")


def _told(sentence: str) -> str:
    """The only name of a file in a sentence or a heading; "" if it has none, or several."""
    if len(sentence) > LONGEST or "http" in sentence:
        return ""
    found = QUOTED.findall(sentence) or BARE.findall(sentence)
    return found[0] if len(found) == 1 else ""
