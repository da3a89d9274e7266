"""Files that a script writes: what stands between `<<EOF` and `EOF` is a file of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.artefacts.kinds import kind_of, purpose_of
from plimsoll.observations.artefacts import Kind, SourceFile

HERE = re.compile(r"<<(?P<dash>-?)[ \t]*(?P<quote>[\"']?)\\?(?P<word>[A-Za-z_]\w*)(?P=quote)")
INTO = re.compile(r"(?P<how>>>|>|\btee\b(?:[ \t]+-a\b)?)[ \t]*[\"']?(?P<path>[/~.\w${}-]*[\w}][\w./${}-]*)[\"']?")
NOWHERE = "/dev/"


def inside(source: SourceFile) -> Iterator[SourceFile]:
    """The files that a script writes, with their places in it."""
    lines = source.text.split("\n")
    number = 0
    while number < len(lines):
        line, number = lines[number], number + 1
        here = HERE.search(line)
        target = _target(line) if here and not line.lstrip().startswith("#") else None
        if here is None or target is None:
            continue
        start = number
        while number < len(lines) and (lines[number].lstrip("\t") if here["dash"] else lines[number]) != here["word"]:
            number += 1
        if number == len(lines):
            number = start  # never closed: no shell would take it
            continue
        text = "\n".join(each.lstrip("\t") if here["dash"] else each for each in lines[start:number]) + "\n"
        path, appended = target
        kind = kind_of(path, text)
        if kind is not Kind.OTHER:
            yield SourceFile(
                name=path,
                kind=kind,
                text=text,
                file=source.file or source.name,
                first=source.first + start,
                fragment=appended or source.fragment,
                purpose=purpose_of(path),
                title=source.title,
            )


def _target(line: str) -> tuple[str, bool] | None:
    """The path that the line writes to, and whether it only adds to it."""
    for found in INTO.finditer(line):
        path = found["path"]
        if not path.startswith(NOWHERE):
            named = re.sub(r"\$\{?\w+\}?|^~|^\.(?=/)", "", path).lstrip("/")
            return (named, found["how"] == ">>" or "-a" in found["how"]) if named else None
    return None
