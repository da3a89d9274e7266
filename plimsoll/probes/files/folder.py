"""All files of a folder, or of a guide, as texts with what they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from plimsoll.artefacts import guide, heredocs
from plimsoll.artefacts.kinds import kind_of, purpose_of
from plimsoll.errors import CouldNotLook
from plimsoll.model import Deployment
from plimsoll.observations.artefacts import Kind, SourceFile

OWN = ("deployment.toml", "promises")
"""What describes a deployment to us is none of its artefacts."""

LEFT_OUT = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        "node_modules",
        ".venv",
        "venv",
        "__pycache__",
        ".terraform",
        ".tox",
        ".next",
        ".mypy_cache",
    }
)
"""Folders of other people's files, and of what programs made."""

LARGEST = 2 * 2**20
"""Bytes of the largest file that is read: nobody writes a longer one by hand."""

MOST_FILES = 20_000
"""Files that are looked at: whoever names a whole disk shall hear so within seconds."""

OUTSIDE = "is a symbolic link out of the folder, or to nowhere"

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
    """Every file under a folder, or every block of a guide; `stated` overrules what their names say.

    Raises CouldNotLook where the guide cannot be read; a file of a folder that cannot be is one with a trouble.
    """
    if not root.is_dir():
        return tuple(guide.read(_text(root), root.name))
    found: list[SourceFile] = []
    for path, trouble in sorted(islice(_files(root), MOST_FILES)):
        source = _source(path, root, stated, trouble)
        found.append(source)
        if source.kind is Kind.SCRIPT:
            found += heredocs.inside(source)
    if len(found) >= MOST_FILES:
        found.append(_closed(".", f"holds more than {MOST_FILES:,} files: the rest was not looked at"))
    return tuple(found)


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file, and every folder that could not be looked into, with the reason."""
    denied: list[OSError] = []
    for folder, names, files in os.walk(root, onerror=denied.append):
        inside = Path(folder)
        names[:] = [n for n in names if n not in LEFT_OUT and not (inside == root and n in OWN)]
        yield from ((inside / n, OUTSIDE) for n in names if (inside / n).is_symlink() and _leads_out(inside / n, root))
        yield from ((inside / name, "") for name in files if not (inside == root and name in OWN))
    for error in denied:
        yield Path(error.filename), f"cannot be listed: {error.strerror}"


def _leads_out(path: Path, root: Path) -> bool:
    """Whether a symbolic link leads out of the folder, or nowhere."""
    try:
        return not path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return True


def _source(path: Path, root: Path, stated: Mapping[str, Kind], trouble: str) -> SourceFile:
    name = _printable(path.relative_to(root).as_posix())
    try:
        text = "" if trouble else _held(path, root)
    except CouldNotLook as error:
        text, trouble = "", error.fact
    if trouble:
        return _closed(name, trouble)
    kind = stated.get(name) or kind_of(name, text)
    return SourceFile(name=name, kind=kind, text=text, purpose=purpose_of(name))


def _closed(name: str, trouble: str) -> SourceFile:
    return SourceFile(name=name, kind=Kind.UNREADABLE, text="", purpose=purpose_of(name), trouble=trouble)


def _printable(name: str) -> str:
    """A name that fits on one line of a page: what cannot be printed is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)


def _held(path: Path, root: Path) -> str:
    """The text of a file within the folder. Raises CouldNotLook."""
    if path.is_symlink() and _leads_out(path, root):
        raise CouldNotLook(OUTSIDE)
    return _text(path)


def _text(path: Path) -> str:
    """A file's text, its lines ended alike. Raises CouldNotLook."""
    try:
        if not path.is_file():
            raise CouldNotLook("is no ordinary file" if path.exists() else "is not there")
        if path.stat().st_size > LARGEST:
            raise CouldNotLook(f"is larger than {LARGEST // 2**20} MiB, and was not read")
        raw = path.read_bytes()
    except OSError as error:
        raise CouldNotLook(f"cannot be read: {error.strerror}") from error
    if b"\0" in raw:
        raise CouldNotLook("is no text")
    return raw.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
