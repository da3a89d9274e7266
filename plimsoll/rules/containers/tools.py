"""Whether images hold the programs that their health checks run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ComposeFiles, Dockerfile, Dockerfiles, Node
from plimsoll.rules.containers.services import services_of

__all__ = ["health_tools_installed"]

TOOLS = ("curl", "wget")
ASKED = re.compile(rf"(?:^|[\s;&|(/])({'|'.join(TOOLS)})\b")
ADDED = r"\b(?:apk\s+add|apt(?:-get)?\s+(?:-\S+\s+)*install|(?:micro)?dnf\s+install|yum\s+install)\b[^;&|]*\b{tool}\b"
LANGUAGES = r"(?:node|python|ruby|golang|php|eclipse-temurin)"
BASES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(rf"^(?:.*/)?(?:alpine(?::.*)?|{LANGUAGES}:.*alpine.*)$"), ("curl",)),
    (re.compile(rf"^(?:.*/)?(?:(?:debian|ubuntu)(?::.*)?|{LANGUAGES}:.*slim.*)$"), ("curl", "wget")),
    (re.compile(r"^gcr\.io/distroless/"), ("curl", "wget")),
)
"""Bases, and the programs they lack: Alpine has the wget of BusyBox, slim images of Debian have neither."""


def health_tools_installed(
    promise: Promise, dockerfiles: Dockerfiles, compose: ComposeFiles | None, *, files: str = ""
) -> Finding:
    """What a health check runs is in the image: the base has it, or the recipe installs it."""
    looked, holes = list[str](), list[Hole]()
    tested: dict[str, list[Node]] = {}
    for service in services_of(compose) if compose else ():
        if service.recipe and service.node.at("healthcheck.test"):
            tested.setdefault(service.recipe, []).append(service.node.at("healthcheck.test"))
    for recipe in dockerfiles.meant(files=files):
        for spot, command in _checks(recipe, tested.get(recipe.source.name, [])):
            for tool in dict.fromkeys(ASKED.findall(command)):
                looked.append(f"{spot}: {tool}")
                if lacking := _lacks(recipe, tool):
                    what = f"the health check runs {tool}, which {lacking} does not have: it always fails"
                    fix = f"install {tool} in the last stage, or ask with what is there"
                    beside = (recipe.final.spot,) if spot != recipe.final.spot else ()
                    holes.append(Hole(spot=spot, what=what, fix=fix, beside=beside))
    return promise.judged(
        holes,
        looked=looked,
        expected="health checks whose programs are in the image",
        nothing="no health check runs a program that images may lack",
    )


def _checks(recipe: Dockerfile, tests: Sequence[Node]) -> Iterator[tuple[Spot, str]]:
    """The health checks of the image: its own, and those of the services built from it."""
    check = recipe.inherited(recipe.final, "HEALTHCHECK")
    if check:
        yield check.spot, " ".join(check.words)
    yield from ((test.spot, " ".join(test.texts)) for test in tests)


def _lacks(recipe: Dockerfile, tool: str) -> str:
    """The base of the image where neither it nor the recipe brings the program; else ""."""
    lineage = recipe.lineage(recipe.final)
    root = lineage[-1].base
    if not any(pattern.match(root) and tool in lacking for pattern, lacking in BASES):
        return ""
    brought = [run.text for stage in lineage for run in stage.named("RUN")]
    copied = [copy.text for stage in lineage for copy in stage.named("COPY", "ADD")]
    added = re.compile(ADDED.format(tool=tool))
    if any(added.search(text) for text in brought) or any(f"/{tool}" in text for text in copied):
        return ""
    return root
