"""How secrets get to programs: not by images, not by repositories, not by values that nobody computes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Dockerfiles, IgnoreFiles, SourceFile
from plimsoll.rules.containers.services import services_of
from plimsoll.rules.secrets_env.names import is_secret

__all__ = ["compose_values_plain", "secrets_kept_out"]

COMMAND = re.compile(r"(?<!\$)\$\([^)]*\)|`[^`]+`")
BAKED = re.compile(r"^\s*(?P<verb>ENV|ARG)\s+(?P<name>[A-Za-z_]\w*)[= ]\s*(?P<value>\S+)", re.MULTILINE)
IGNORES = {".gitignore": "the repository's history", ".dockerignore": "the image"}


def compose_values_plain(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """No value that compose gives a service holds a command: no shell reads it on the way."""
    looked, holes = [], []
    for service in services_of(compose, files=files):
        for node in service.node["environment"]:
            looked.append(f"{node.spot}: {service.name}")
            name = node.text.partition("=")[0] if "=" in node.text else service.name
            if found := COMMAND.search(node.text):
                what = f"{name} holds the command {found[0].split()[0]} …): compose runs none, and refuses the file"
                fix = "name the file in a variable that ends in _FILE, and let the program read it"
                holes.append(Hole(spot=node.spot, what=what, fix=fix))
    return promise.judged(
        holes,
        looked=looked,
        expected="values that are used as they stand",
        nothing="no compose file for production gives a service variables",
    )


def secrets_kept_out(
    promise: Promise,
    ignores: IgnoreFiles,
    dockerfiles: Dockerfiles | None,
    *,
    file: str = ".env.production",
) -> Finding:
    """The file with the secrets is kept out of the repository and of the image, and no recipe of an image states one."""
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
    for source in dockerfiles.sources if dockerfiles else ():
        looked.append(f"{source.spot()}: {source.name}")
        holes += _baked(source)
    return promise.judged(
        holes,
        looked=looked,
        expected=f"{file} in neither history nor image, and no secret in a recipe",
        nothing="neither .gitignore nor .dockerignore is there",
    )


def _ignored(source: SourceFile, file: str) -> bool:
    """Whether the last pattern that fits the file keeps it out (gitignore(5))."""
    out = False
    for raw in source.text.splitlines():
        line = raw.strip()
        pattern = line.lstrip("!").lstrip("/").removeprefix("**/")
        if line and not line.startswith("#") and re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]*"), file):
            out = not line.startswith("!")
    return out


def _baked(source: SourceFile) -> Iterator[Hole]:
    for found in BAKED.finditer(source.text):
        if is_secret(found["name"]) and not found["value"].startswith("$"):
            line = source.text.count("\n", 0, found.start("name")) + 1
            what = f"{found['verb']} {found['name']} stays in the image for whoever pulls it"
            yield Hole(spot=source.spot(line), what=what, fix="RUN --mount=type=secret for the build, a file for the run")
