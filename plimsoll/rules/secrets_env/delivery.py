"""That files with secrets get into neither history nor image."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import IgnoreFiles, SourceFile

__all__ = ["secrets_kept_out"]

IGNORES = {".gitignore": "the repository's history", ".dockerignore": "the image"}


def secrets_kept_out(promise: Promise, ignores: IgnoreFiles, *, file: str = ".env.production") -> Finding:
    """The file with the secrets is kept out of the repository's history, and out of what an image is built from."""
    holes: list[Hole] = []
    looked: list[str] = []
    for name, whose in IGNORES.items():
        found = [source for source in ignores.sources if source.name.rpartition("/")[2] == name]
        if not found:
            what = f"no {name} keeps {file} out of {whose}"
            holes.append(Hole(spot=ignores.sources[0].spot(), what=what, fix=f"{name} with a line .env*"))
        for source in found:
            looked.append(f"{source.spot()}: {source.name}")
            if not _ignored(source, file):
                what = f"{source.name} does not keep {file} out of {whose}"
                holes.append(Hole(spot=source.spot(), what=what, fix="a line .env*, and !*.example behind it"))
    return promise.judged(
        holes,
        looked=looked,
        expected=f"{file} in neither history nor image",
        nothing="neither .gitignore nor .dockerignore is there",
    )


def _ignored(source: SourceFile, file: str) -> bool:
    """Whether the last pattern that fits the file keeps it out (gitignore(5))."""
    out = False
    for raw in source.text.splitlines():
        line = raw.strip()
        pattern = re.escape(line.lstrip("!").lstrip("/").removeprefix("**/")).replace(r"\*", "[^/]*")
        if line and not line.startswith("#") and re.fullmatch(pattern, file):
            out = not line.startswith("!")
    return out
