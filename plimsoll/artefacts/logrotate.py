"""logrotate's configuration, block by block (logrotate.conf(5))."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from plimsoll.observations.artefacts import SourceFile, Trouble
from plimsoll.observations.artefacts.logrotate import LogrotateFiles, Rotation

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
    shared, says, lines, scripts = dict[str, str](), dict[str, str](), dict[str, int](), dict[str, str]()
    logs, opened, script = list[str](), 0, ""
    for number, raw in enumerate(source.text.splitlines(), start=1):
        line = raw.strip() if script else raw.partition("#")[0].strip()
        if script:
            if line == "endscript":
                script = ""
            else:
                scripts[script] = f"{scripts.get(script, '')}{line}\n"
        elif opened and line.startswith("}"):
            yield Rotation(
                source=source,
                spot=source.spot(opened),
                logs=tuple(logs),
                says={**shared, **says},
                lines=lines,
                scripts=scripts,
            )
            says, lines, scripts, logs, opened = {}, {}, {}, [], 0
        elif opened:
            word, _, argument = line.replace("=", " ").partition(" ")
            if word in SCRIPTS:
                script = word
                lines[word] = number
            elif word:
                says[word], lines[word] = argument.strip(), number
        elif line.endswith("{"):
            logs += re.findall(r'"([^"]+)"|(\S+)', line[:-1]) and [
                a or b for a, b in re.findall(r'"([^"]+)"|(\S+)', line[:-1])
            ]
            opened = number
        elif line.startswith(("/", '"')):
            logs += line.replace('"', "").split()
        elif line:
            word, _, argument = line.partition(" ")
            shared[word] = argument.strip()
    if opened:
        yield Trouble(spot=source.spot(opened), what="a block that is never closed")
