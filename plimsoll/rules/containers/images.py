"""Which images compose files and Dockerfiles name, and what these are built in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ComposeFiles, Dockerfile, Dockerfiles, Service
from plimsoll.rules.containers.services import chosen, services_of

__all__ = ["bases_pinned", "built_from_targets", "image_in_stages", "images_pinned", "images_stated"]

VERSION = re.compile(r"\d")
RELEASE = re.compile(r"(debian|ubuntu):(trixie|bookworm|bullseye|buster|noble|jammy|focal|bionic)(-slim)?$")
"""Versions that have names."""

FLOATING = "it means another image tomorrow, and nobody can go back to today's"


def images_pinned(promise: Promise, compose: ComposeFiles, *, files: str = "") -> Finding:
    """Every image that a compose file takes from elsewhere names its version; what is built here need not."""
    services = [
        service
        for service in services_of(compose, files=files)
        if service.image and not service.node["build"] and (service.tag or "$" not in service.node["image"].text)
    ]
    return promise.judged(
        [
            Hole(
                spot=service.node["image"].spot,
                what=f"the image of {service.name} {_floats(service.tag)}: {FLOATING}",
                fix=f"image: {service.image}:VERSION, best with its digest",
            )
            for service in services
            if not service.digest and not VERSION.search(service.tag)
        ],
        looked=[service.where for service in services],
        expected="images with versions",
        nothing="no compose file names an image",
    )


def bases_pinned(promise: Promise, dockerfiles: Dockerfiles, *, files: str = "") -> Finding:
    """Every image that a Dockerfile builds on names its version."""
    looked, holes = list[str](), list[Hole]()
    for recipe in dockerfiles.meant(files=files):
        for stage in recipe.stages:
            base = stage.base
            if base == "scratch" or "$" in base or "@" in base or recipe.stage(base) or RELEASE.search(base):
                continue
            looked.append(f"{stage.spot}: {base}")
            tag = base.rpartition("/")[2].partition(":")[2]
            if not VERSION.search(tag):
                what = f"the base {base} {_floats(tag)}: {FLOATING}"
                holes.append(Hole(spot=stage.spot, what=what, fix=f"FROM {base.partition(':')[0]}:VERSION"))
    return promise.judged(
        holes, looked=looked, expected="base images with versions", nothing="no Dockerfile builds on an image"
    )


def images_stated(promise: Promise, compose: ComposeFiles, *, images: Mapping[str, str], files: str = "") -> Finding:
    """Each of these services runs the very image that is promised."""
    found, holes = chosen(compose, tuple(images), files=files)
    holes += [
        Hole(
            spot=service.node["image"].spot,
            what=f"{service.name} runs {service.node['image'].text or 'what is built'}, not {images[service.name]}",
            fix=f"image: {images[service.name]}",
        )
        for service in found
        if f"{service.image}:{service.tag}" != images[service.name]
    ]
    expected = ", ".join(f"{service}: {image}" for service, image in images.items())
    return promise.judged(holes, looked=[service.where for service in found], expected=expected)


def image_in_stages(
    promise: Promise, dockerfiles: Dockerfiles, *, stages: tuple[str, ...], base: str, files: str = ""
) -> Finding:
    """The image is built in these stages from this base, and the last one takes what the others made."""
    recipes, holes = list(dockerfiles.meant(files=files)), list[Hole]()
    for recipe in recipes:
        names = tuple(stage.name or str(stage.number) for stage in recipe.stages)
        if names != stages:
            what = f"the stages are {', '.join(names)}, not {', '.join(stages)}"
            holes.append(Hole(spot=recipe.final.spot, what=what, fix=f"FROM {base} AS {stages[-1]}"))
        for stage in recipe.stages:
            if stage.base != base:
                what = f"the stage {stage.name or stage.number} builds on {stage.base}, not on {base}"
                holes.append(Hole(spot=stage.spot, what=what, fix=f"FROM {base}"))
        if not holes and not any(copy.flag("from") in stages[:-1] for copy in recipe.final.named("COPY")):
            what = "the last stage takes nothing that the others made"
            holes.append(Hole(spot=recipe.final.spot, what=what, fix=f"COPY --from={stages[0]} …"))
    return promise.judged(
        holes, looked=[f"{recipe.source.spot(1)}" for recipe in recipes], expected=f"{' and '.join(stages)} from {base}"
    )


def built_from_targets(
    promise: Promise, compose: ComposeFiles, dockerfiles: Dockerfiles, *, services: tuple[str, ...], target: str
) -> Finding:
    """Each of these services is built from a Dockerfile of its own, at a stage of this name that is there."""
    found, holes = chosen(compose, services)
    recipes = {recipe.source.name: recipe for recipe in dockerfiles.recipes}
    taken: dict[str, Service] = {}
    for service in found:
        holes += _target(service, recipes, target)
        if other := taken.get(service.recipe):
            what = f"{service.name} is built from the same Dockerfile as {other.name}"
            holes.append(
                Hole(spot=service.node["build"].spot, what=what, fix="a Dockerfile each", beside=(other.node.spot,))
            )
        taken[service.recipe] = service
    return promise.judged(
        holes,
        looked=[service.where for service in found],
        expected=f"{', '.join(services)} built at the stage {target} of Dockerfiles of their own",
    )


def _target(service: Service, recipes: Mapping[str, Dockerfile], target: str) -> Iterator[Hole]:
    build = service.node["build"]
    said = build["target"]
    if not build:
        yield Hole(
            spot=service.node.spot, what=f"{service.name} is not built", fix="build: { context, dockerfile, target }"
        )
    elif said.text != target:
        what = f"{service.name} is built at {said.text or 'the last stage'}, not at {target}"
        yield Hole(spot=said.spot, what=what, fix=f"target: {target}")
    elif (recipe := recipes.get(service.recipe)) is None:
        what = f"{service.name} is built from {service.recipe}, which is not there"
        yield Hole(spot=build.spot, what=what, fix="dockerfile: a path from the context")
    elif recipe.stage(target) is None:
        what = f"{service.name} is built at {target}, and {recipe.source.name} has no such stage"
        yield Hole(spot=said.spot, what=what, fix=f"FROM … AS {target}", beside=(recipe.final.spot,))


def _floats(tag: str) -> str:
    return f"is tagged {tag}, which is no version" if tag else "has no tag"
