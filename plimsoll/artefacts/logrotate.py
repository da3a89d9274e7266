"""logrotate's configuration, block by block (logrotate.conf(5))."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.observations.artefacts import SourceFile, Trouble
from plimsoll.observations.artefacts.logrotate import LogrotateFiles, Rotation

LOG = re.compile(r'"([^"]+)"|(\S+)')
SCRIPTS = frozenset({"postrotate", "prerotate", "firstaction", "lastaction", "preremove"})


def observe(sources: tuple[SourceFile, ...], seen_at: datetime) -> LogrotateFiles:
    """Every block of every file; directives outside of all blocks hold for those that follow them."""
    rotations, troubles = list[Rotation](), list[Trouble]()
    for source in sources:
        for found in _blocks(source):
            if isinstance(found, Rotation):
                rotations.append(found)
            else:
                troubles.append(found)
    return LogrotateFiles(sources=sources, rotations=tuple(rotations), troubles=tuple(troubles), seen_at=seen_at)


def _blocks(source: SourceFile) -> Iterator[Rotation | Trouble]:
    reader = _Reader(source)
    for number, raw in enumerate(source.text.splitlines(), start=1):
        if reader.script:
            reader.in_script(raw.strip())
            continue
        line = raw.partition("#")[0].strip()
        if reader.opened and line.startswith("}"):
            yield reader.closed()
        elif reader.opened:
            reader.directive(line, number)
        elif line.startswith(("/", '"')) or line.endswith("{"):
            reader.logs += [quoted or bare for quoted, bare in LOG.findall(line.removesuffix("{"))]
            reader.opened = number if line.endswith("{") else 0
        elif line:
            word, _, argument = line.partition(" ")
            reader.shared[word] = argument.strip()
    if reader.opened:
        yield Trouble(spot=source.spot(reader.opened), what="a block that is never closed")


@dataclass(slots=True)
class _Reader:
    """Where the reading stands: in which block since which line, and in which of its scripts."""

    source: SourceFile
    shared: dict[str, str] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    opened: int = 0
    script: str = ""

    def in_script(self, line: str) -> None:
        if line == "endscript":
            self.script = ""
        else:
            self.scripts[self.script] = f"{self.scripts.get(self.script, '')}{line}\n"

    def directive(self, line: str, number: int) -> None:
        word, _, argument = line.replace("=", " ").partition(" ")
        if word in SCRIPTS:
            self.script = word
        if word:
            self.says[word], self.lines[word] = argument.strip(), number

    def closed(self) -> Rotation:
        rotation = Rotation(
            source=self.source,
            spot=self.source.spot(self.opened),
            logs=tuple(self.logs),
            says={**self.shared, **self.says},
            lines=self.lines,
            scripts=self.scripts,
        )
        self.says, self.lines, self.scripts, self.logs, self.opened = {}, {}, {}, [], 0
        return rotation
