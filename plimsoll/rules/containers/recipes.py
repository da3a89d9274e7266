"""What Dockerfiles must say for an image to be built, to run unprivileged and to end when it is told to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Dockerfile, Dockerfiles, Instruction
from plimsoll.rules.containers.commands import builds_something, starved_builds

__all__ = [
    "build_dependencies_there",
    "copies_exist",
    "image_unprivileged",
    "image_user",
    "init_process",
    "signals_arrive",
]

PRIVILEGED_BASES = re.compile(
    r"^(.*/)?(node|python|ruby|golang|php|alpine|debian|ubuntu|eclipse-temurin|openjdk|rust)(:(?!.*apache).*)?$"
)
"""Bases whose user is root; of others nobody can tell from here, and Apache begins as root to change to another."""

ROOT = ("root", "0")
INITS = ("dumb-init", "tini", "catatonit", "docker-init", "s6-svscan", "init")
RUNNERS = ("npm", "yarn", "pnpm", "npx")
SHELLS = ("sh", "bash", "ash")
PRODUCED = re.compile(r"/(dist|build|\.next|out)(/|\s|$)")
PLAIN = re.compile(r"[a-z][\w-]*")


def build_dependencies_there(promise: Promise, dockerfiles: Dockerfiles, *, files: str = "") -> Finding:
    """No build runs with the packages for production alone: what builds is among those for development."""
    recipes, holes = list(dockerfiles.meant(files=files)), list[Hole]()
    for recipe in recipes:
        for stage in recipe.stages:
            for installed, build in starved_builds(recipe, stage):
                what = f"only the packages for production are installed when the build runs at line {build.spot.line}: "
                what += "compilers and bundlers are among those for development"
                fix = "npm ci, build, then npm prune --omit=dev"
                holes.append(Hole(spot=installed.spot, what=what, fix=fix, beside=(build.spot,)))
    return promise.judged(
        list(dict.fromkeys(holes)),
        looked=[f"{recipe.source.spot(1)}" for recipe in recipes],
        expected="builds with all packages",
        nothing="there is no Dockerfile",
    )


def copies_exist(promise: Promise, dockerfiles: Dockerfiles, *, files: str = "") -> Finding:
    """What a stage takes from another one is there: the stage comes before it, and builds something."""
    looked, holes = list[str](), list[Hole]()
    for recipe in dockerfiles.meant(files=files):
        for stage in recipe.stages:
            for copy in stage.named("COPY"):
                name = copy.flag("from").lower()
                if not name or "$" in name or not (PLAIN.fullmatch(name) or name.isdigit()):
                    continue
                looked.append(f"{copy.spot}: --from={name}")
                source = recipe.stage(name)
                if source is None and len(recipe.stages) > 1:
                    known = (
                        ", ".join(each.name for each in recipe.stages[: stage.number] if each.name)
                        or "none with a name"
                    )
                    what = f"COPY --from={name} takes from a stage that is not there; those before it are {known}"
                    holes.append(Hole(spot=copy.spot, what=what, fix="the name after FROM … AS"))
                elif source and source.number >= stage.number:
                    what = f"COPY --from={name} takes from a stage that comes only later"
                    holes.append(Hole(spot=copy.spot, what=what, fix="put that stage first", beside=(source.spot,)))
                elif source and PRODUCED.search(copy.text) and not builds_something(recipe, source):
                    what = f"COPY --from={name} takes what was built there, and that stage builds nothing"
                    holes.append(Hole(spot=copy.spot, what=what, fix="RUN npm run build", beside=(source.spot,)))
    return promise.judged(
        holes,
        looked=looked,
        expected="stages that are there",
        nothing="no Dockerfile takes anything from another stage",
    )


def image_unprivileged(promise: Promise, dockerfiles: Dockerfiles, *, files: str = "") -> Finding:
    """The last user of an image is not root."""
    looked, holes = list[str](), list[Hole]()
    for recipe in dockerfiles.meant(files=files):
        root = recipe.lineage(recipe.final)[-1].base
        user = recipe.inherited(recipe.final, "USER")
        if not recipe.whole or (user is None and not PRIVILEGED_BASES.match(root)):
            continue
        looked.append(f"{(user or recipe.final).spot}: {user.text if user else 'no USER'}")
        if user is None or user.text.partition(":")[0] in ROOT:
            said = "its last USER is root" if user else f"no USER, and {root} has root"
            what = f"the image runs as root: {said}"
            holes.append(Hole(spot=(user or recipe.final).spot, what=what, fix="USER 1001:1001 before CMD"))
    return promise.judged(
        holes,
        looked=looked,
        expected="images with an unprivileged user",
        nothing="no Dockerfile says how its image runs",
    )


def image_user(
    promise: Promise, dockerfiles: Dockerfiles, *, uid: int, gid: int, user: str, group: str, files: str = ""
) -> Finding:
    """The image runs as this user and group, by number, and makes them with these names."""
    recipes, holes = list(dockerfiles.meant(files=files)), list[Hole]()
    for recipe in recipes:
        last = recipe.inherited(recipe.final, "USER")
        if last is None or last.text not in (f"{uid}:{gid}", f"{uid}"):
            what = f"the image runs as {last.text if last else 'root'}, not as {uid}:{gid}"
            holes.append(Hole(spot=(last or recipe.final).spot, what=what, fix=f"USER {uid}:{gid}"))
        made = " ".join(run.text for run in recipe.final.named("RUN"))
        for name, number in ((user, uid), (group, gid)):
            if not re.search(rf"\b{re.escape(name)}\b", made) or str(number) not in made:
                what = f"nothing makes {name} with the number {number}"
                holes.append(
                    Hole(spot=recipe.final.spot, what=what, fix=f"addgroup -g {gid} {group}; adduser -u {uid} {user}")
                )
    return promise.judged(
        holes,
        looked=[f"{recipe.source.spot(1)}" for recipe in recipes],
        expected=f"{user} ({uid}) of {group} ({gid})",
    )


def init_process(promise: Promise, dockerfiles: Dockerfiles, *, program: str, files: str = "") -> Finding:
    """The image's first process is this one, is installed, and passes signals on."""
    recipes, holes = list(dockerfiles.meant(files=files)), list[Hole]()
    for recipe in recipes:
        entry = recipe.final.last("ENTRYPOINT")
        if entry is None or not entry.listed or entry.words[0].rpartition("/")[2] != program:
            what = f"the first process is not {program}"
            spot = (entry or recipe.final).spot
            holes.append(Hole(spot=spot, what=what, fix=f'ENTRYPOINT ["{program}", "--"]'))
        elif not any(program in each.text for each in recipe.final.named("RUN", "COPY", "ADD")):
            what = f"nothing installs {program}, which is the entrypoint"
            holes.append(Hole(spot=entry.spot, what=what, fix=f"RUN apk add --no-cache {program}"))
    return promise.judged(
        holes, looked=[f"{recipe.source.spot(1)}" for recipe in recipes], expected=f"{program} as the first process"
    )


def signals_arrive(promise: Promise, dockerfiles: Dockerfiles, *, files: str = "") -> Finding:
    """The image's program hears that it shall end: neither a shell nor a package manager stands before it."""
    recipes = [recipe for recipe in dockerfiles.meant(files=files) if recipe.whole]
    return promise.judged(
        [hole for recipe in recipes for hole in _deaf(recipe)],
        looked=[f"{recipe.final.spot}" for recipe in recipes],
        expected="programs that are told to end, and end",
        nothing="no Dockerfile says how its image runs",
    )


def _deaf(recipe: Dockerfile) -> Iterator[Hole]:
    entry, command = recipe.final.last("ENTRYPOINT"), recipe.final.last("CMD")
    if entry and not entry.listed:
        yield from _shell(entry)
    elif entry and entry.words[0].rpartition("/")[2] in INITS:
        return
    elif entry is None and command and not command.listed:
        yield from _shell(command)
    elif (first := entry or command) and first.words[:1] and first.words[0] in RUNNERS:
        what = f"{first.words[0]} is the first process: what it starts does not hear SIGTERM, and is killed after 10 s"
        yield Hole(
            spot=first.spot, what=what, fix='CMD ["node", "dist/main.js"], or an init such as dumb-init before it'
        )


def _shell(first: Instruction) -> Iterator[Hole]:
    if not first.text.startswith(("exec ", "[")):
        what = f"{first.name} in shell form: the shell is the first process, and does not pass SIGTERM on"
        yield Hole(spot=first.spot, what=what, fix=f'{first.name} ["program", "argument"]')
