"""The backups that scripts make, under their final names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.observations.artefacts import Script, ShellScripts
from plimsoll.rules.operations.programs import Call, calls_of, dumps, output_of

CIPHERS = frozenset({"gpg", "gpg2", "age", "openssl"})
UNPACKING = frozenset({"gunzip", "zcat", "gzip", "pigz", "zstd", "zstdcat", "xz", "xzcat", "bzcat", "bunzip2"})


@dataclass(frozen=True, slots=True)
class Backup:
    """One dump or archive that a script writes: under which final name, and in what form."""

    script: Script
    call: Call
    file: str
    custom: bool = False
    packed: bool = False
    sealed: bool = False


def backups(scripts: ShellScripts) -> Iterator[Backup]:
    """Every backup that the scripts make."""
    for script in scripts.of():
        calls = calls_of(script)
        for call in calls:
            makes = dumps(call) or (call.program == "tar" and _creates(call))
            file = output_of(script, call) if makes else ""
            if not file:
                continue
            moved = next((c for c in calls if c.program == "mv" and c.arguments[-2:-1] == (file,)), None)
            together = {c.program for c in calls if c.command.pipe and c.command.pipe == call.command.pipe}
            form = call.value_of("-F", "--format") or next((a[2:] for a in call.arguments if a[:2] == "-F"), "")
            yield Backup(
                script=script,
                call=call,
                file=moved.arguments[-1] if moved else file,
                custom=form[:1] in ("c", "d", "t"),
                packed=bool(together & UNPACKING) or call.has("-Z", "--compress"),
                sealed=bool(together & CIPHERS),
            )


def _creates(call: Call) -> bool:
    first = call.arguments[0] if call.arguments else ""
    return call.has("--create") or bool(re.fullmatch(r"-?\w*c\w*", first))
