"""A command line of somebody else's, asked for JSON: within a deadline, and no more than fits."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from plimsoll.errors import CouldNotLook

MOST = 16 * 2**20
"""Bytes of an answer: some thousand objects of Kubernetes."""

WORDS = 4096
"""Bytes of a complaint that are read."""

TOO_LONG = 124
"""How timeout(1) ends when it had to stop the command."""

Answer = Mapping[str, object]


def answer(command: Sequence[str | Path], *, deadline: float, hint: str) -> Answer:
    """The JSON object that the command prints. Raises CouldNotLook for anything else."""
    program = Path(command[0]).name
    bounded = ["timeout", "--kill-after=1", f"{deadline:g}", *map(str, command)]
    with tempfile.TemporaryFile() as complaints:
        try:
            with subprocess.Popen(
                bounded, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, start_new_session=True
            ) as process:
                assert process.stdout is not None  # noqa: S101 - it was asked for
                said = process.stdout.read(MOST + 1)
                process.stdout.close()  # whoever goes on talking ends by that
        except OSError as error:
            raise CouldNotLook(f"{program} cannot be started: {error.strerror}", hint=hint) from error
        complaints.seek(0)
        words = complaints.read(WORDS).decode(errors="replace").strip().splitlines()
    if len(said) > MOST:
        raise CouldNotLook(f"{program} says more than {MOST // 2**20} MiB", hint=hint)
    if process.returncode == TOO_LONG:
        raise CouldNotLook(f"{program} did not answer within {deadline:g} s", hint=hint)
    if process.returncode:
        why = words[-1] if words else f"it ended with {process.returncode}"
        raise CouldNotLook(f"{program} could not tell: {why}", hint=hint)
    try:
        value = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise CouldNotLook(f"{program} does not answer in JSON: {said[:40]!r}", hint=hint) from error
    if not isinstance(value, dict):
        raise CouldNotLook(f"{program} answers with no object: {said[:40]!r}", hint=hint)
    return value


def table(value: object, *path: str) -> Answer:
    """The object at that path; an empty one where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return cast(Answer, value) if isinstance(value, dict) else {}


def tables(value: Answer, *path: str) -> Iterator[Answer]:
    """The objects of the list at that path."""
    found = table(value, *path[:-1]).get(path[-1])
    yield from (each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()


def number(value: Answer, key: str, default: int = 0) -> int:
    """A whole number; the default where there is none."""
    found = value.get(key)
    return found if isinstance(found, int) else default


def text(value: Answer, key: str) -> str:
    """A text; "" where there is none."""
    found = value.get(key)
    return found if isinstance(found, str) else ""
