"""The artefacts a stack runs with: a copy of the deployment's, so that the originals are never touched."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from plimsoll.model import Deployment

LEFT_OUT = shutil.ignore_patterns("*.md", "promises", "__pycache__")


def stage(deployment: Deployment, source: Path, target: Path) -> None:
    """`target` holds what `source` holds, and the deployment's generated files, sparse."""
    shutil.copytree(source, target, ignore=LEFT_OUT, dirs_exist_ok=True)
    staged = {path.relative_to(source) for path in source.rglob("*")}
    for path in target.rglob("*"):
        if (
            path.is_file()
            and path.relative_to(target) not in staged
            and str(path.relative_to(target)) not in deployment.generated
        ):
            path.unlink()
    for name, size in deployment.generated.items():
        file = target / name
        if not file.exists() or file.stat().st_size != size:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as handle:
                handle.truncate(size)


def digest(artefacts: Path, names: Iterable[str]) -> str:
    """What tells one state of these files and folders from the next; "" when there are none."""
    seen = hashlib.sha256()
    files = [file for name in names for file in sorted([artefacts / name, *(artefacts / name).rglob("*")])]
    for file in files:
        if file.is_file():
            seen.update(f"{file}\n".encode() + file.read_bytes())
    return seen.hexdigest() if files else ""
