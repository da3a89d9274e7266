"""All files of a folder, or of a guide, as texts with what they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from plimsoll.artefacts import guide
from plimsoll.artefacts.kinds import kind_of, purpose_of
from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment
from plimsoll.observations.artefacts import Kind, SourceFile

OWN = ("deployment.toml", "promises")
"""What describes a deployment to us is none of its artefacts."""

LEFT_OUT = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".terraform", ".tox"})
"""Folders of other people's files."""

LARGEST = 5 * 2**20
"""Bytes of the largest file that is read: nobody writes a longer one by hand."""

CONFIGS: Mapping[str, Kind] = {"nginx": Kind.NGINX, "postgres": Kind.POSTGRES, "redis": Kind.REDIS}
"""What a service's configuration is, by its recipe."""


def declared(deployment: Deployment) -> Mapping[str, Kind]:
    """The files of which the deployment itself says what they are: by the first word of its name for them."""
    kinds = {kind.value: kind for kind in Kind}
    named = ((path, kinds.get(key.partition("-")[0])) for key, path in deployment.artefacts.items())
    stated = {path: kind for path, kind in named if kind}
    for service in deployment.services.values():
        stated[service.environment] = Kind.ENVIRONMENT
        if service.recipe in CONFIGS:
            stated[service.config] = CONFIGS[service.recipe]
    return stated


def sources(root: Path, stated: Mapping[str, Kind]) -> tuple[SourceFile, ...]:
    """Every file under a folder, or every block of a guide; `stated` overrules what their names say."""
    if root.is_file():
        return tuple(guide.read(_text(root), root.name))
    return tuple(_source(path, root, stated) for path in sorted(_files(root)))


def _files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        inside = Path(folder)
        names[:] = [n for n in names if n not in LEFT_OUT and not (inside == root and n in OWN)]
        yield from (inside / name for name in files if not (inside == root and name in OWN))


def _source(path: Path, root: Path, stated: Mapping[str, Kind]) -> SourceFile:
    name = path.relative_to(root).as_posix()
    trouble = ""
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        trouble = "a symbolic link out of the folder"
    elif not path.is_file():
        trouble = "no ordinary file"
    elif path.stat().st_size > LARGEST:
        trouble = f"larger than {LARGEST // 2**20} MiB"
    try:
        text = "" if trouble else _text(path)
    except CouldNotLook as error:
        text, trouble = "", error.fact
    kind = Kind.UNREADABLE if trouble else stated.get(name) or kind_of(name, text)
    return SourceFile(name=name, kind=kind, text=text, purpose=purpose_of(name), trouble=trouble)


def _text(path: Path) -> str:
    """A file's text, its lines ended alike. Raises CouldNotLook."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CouldNotLook(f"cannot be read: {error.strerror}") from error
    if b"\0" in raw:
        raise CouldNotLook("is no text")
    return raw.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
