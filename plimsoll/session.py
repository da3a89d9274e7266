"""What one run is about, and what it is called afterwards."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from plimsoll import __version__
from plimsoll.deployment import find, read_artefacts, read_deployment
from plimsoll.errors import BadInput, CouldNotLook
from plimsoll.model import Deployment, Live, RunIdentity
from plimsoll.observations.artefacts import Kind
from plimsoll.probes.files import folder
from plimsoll.promises import HOME
from plimsoll.runs import new_run_id
from plimsoll.shape import shown
from plimsoll.stacks import choose
from plimsoll.stacks.protocol import Stack

REPORTS = HOME / "reports"
SHOWN = 5
"""Names that a complaint lists."""

WANTED = (
    "a folder of compose files, manifests, scripts, nginx files …, or a guide in Markdown with fenced blocks of them"
)
DEFAULT_DEPLOYMENT = "nestmap"
LIBRARIES = ("crossplane", "cryptography", "h11", "pytest")
"""Libraries whose version can change what a run finds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run: which deployment, on which kind of stack, under which name, since when."""

    deployment: Deployment
    kind: str
    id: str = field(default_factory=new_run_id)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def identity(self, stack: Stack | None) -> RunIdentity:
        """The run as its report names it; without a stack when none came up."""
        return RunIdentity(
            id=self.id,
            started=self.started,
            finished=datetime.now(UTC),
            deployment=self.deployment.name,
            stack=self.kind,
            images=dict(stack.images) if stack else {},
            tool_versions=_versions(),
            root=_root(self.deployment.root),
        )


def open_files(root: Path, *, waivers: Path | None = None) -> Session:
    """The session on a folder of files, or on a guide, that no deployment.toml describes. Raises BadInput."""
    session = Session(deployment=read_artefacts(root, waivers=waivers), kind="files")
    try:
        sources = folder.sources(root, {})
    except CouldNotLook as error:
        raise BadInput(f"{shown(str(root))} {error.fact}", hint=WANTED) from error
    if not any(source.kind not in (Kind.OTHER, Kind.DOCUMENT, Kind.UNREADABLE) for source in sources):
        parts = "files" if root.is_dir() else "fenced blocks"
        found = ", ".join(source.name for source in sources[:SHOWN]) or "nothing at all"
        more = ", …" if len(sources) > SHOWN else ""
        raise BadInput(
            f"nothing was recognised in {shown(str(root))}: {len(sources)} {parts} ({found}{more})", hint=WANTED
        )
    return session


def open_session(*, deployment: str = "", stack: str = "auto", url: str = "", ca: str = "") -> Session:
    """The session that these options mean; `url` and `ca` say where the deployment runs live. Raises BadInput."""
    read = read_deployment(find(deployment or DEFAULT_DEPLOYMENT))
    if url:
        live = replace(read.live or Live(url=url), url=url)
        read = replace(read, live=replace(live, ca=str(Path(ca).resolve())) if ca else live)
        stack = "live" if stack == "auto" else stack
    return Session(deployment=read, kind=choose(stack, read))


def _root(looked_at: Path) -> str:
    """Where the files stand, from the top of their checkout, or from here; "" where they lie elsewhere."""
    folder = looked_at if looked_at.is_dir() else looked_at.parent
    tops = (top for top in (folder, *folder.parents) if (top / ".git").exists())
    top = next(tops, Path.cwd() if folder.is_relative_to(Path.cwd()) else folder)
    inside = folder.relative_to(top).as_posix()
    return "" if inside == "." else inside


def _versions() -> dict[str, str]:
    found = {"plimsoll": __version__, "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
