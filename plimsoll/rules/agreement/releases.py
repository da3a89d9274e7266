"""What workflows and scripts build, scan, start and roll back, against what compose would run and the folder holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import (
    ComposeFiles,
    Inventory,
    Job,
    Kind,
    Pipelines,
    PlatformFiles,
    ProcessFiles,
    Purpose,
    Scripts,
    SourceFile,
    Step,
)
from plimsoll.rules.containers.services import Service, services_of
from plimsoll.rules.rollout.jobs import filled
from plimsoll.rules.rollout.processes import apps_of
from plimsoll.shape import nearest

__all__ = [
    "build_files_exist",
    "npm_scripts_exist",
    "pm2_environments_defined",
    "releases_reach_compose",
    "scanned_images_run",
]

RUNS = re.compile(
    r"\b(?:npm|pnpm)\s+(?:run|run-script)\s+(?P<script>[\w:.-]+)(?P<rest>[^\n&|;]*)|\bnpm\s+(?P<short>test|start)\b(?P<after>[^\n&|;]*)"
)
OTHER_PLACE = re.compile(r"--(workspaces?|prefix|filter|if-present)\b|\s-(w|C)\b")
SCANS = re.compile(
    r"\b(?:trivy\s+(?:[\w-]+\s+)*image|grype|docker\s+scout\s+\w+|docker\s+pull)"
    r"\s+(?:--?[\w-]+(?:[= ][\w,-]+)?\s+)*(?P<image>[\w./-]+:[\w.-]+)"
)
BACK = re.compile(r"\bgit\s+(?:checkout|reset|switch|pull|revert)\b(?!\s+-b\b)")
STARTS = re.compile(r"\bdocker[ -]compose\b(?P<options>[^\n&|;]*?)\s(?P<verb>up|pull|build)\b(?P<rest>[^\n&|;]*)")
BUILT_FROM = re.compile(r"\bdocker\s+(?:buildx\s+)?build\b[^\n&|;]*?\s(?:-f|--file)[= ](?P<file>[\w./-]+)")
WITH_ENVIRONMENT = re.compile(
    r"\bpm2\s+(?:start|reload|restart|startOrReload)\s+(?P<file>\S*ecosystem\S*)[^\n&|;]*--env[= ](?P<name>\w+)"
)


def npm_scripts_exist(
    promise: Promise, packages: PlatformFiles, pipelines: Pipelines, shell: Scripts | None
) -> Finding:
    """Every script of package.json that a workflow or a shell script runs is there."""
    documents = packages.of(Kind.PACKAGE)
    known = {name for document in documents for name in document.root["scripts"].keys}
    beside = tuple(d.root["scripts"].spot for d in documents[:1])
    commands = [(s.spot, s.run) for p in pipelines.pipelines for _, s in p.steps if not s.node["working-directory"]]
    commands += [(source.spot(n), line) for source, n, line in _lines(shell)]
    used = [
        (spot, found["script"] or found["short"])
        for spot, text in commands
        for found in RUNS.finditer(text)
        if not OTHER_PLACE.search(found["rest"] or found["after"] or "")
    ]
    return promise.judged(
        [
            Hole(
                spot=spot,
                what=f"npm run {name}: package.json has no such script{nearest(name, known)}",
                fix="a script that is there",
                beside=beside,
            )
            for spot, name in used
            if name not in known
        ]
        if documents
        else [],
        looked=[f"{spot}: {name}" for spot, name in used] if documents else [],
        expected="scripts of package.json",
        nothing="no package.json is there, or nobody runs a script of it",
    )


def _lines(shell: Scripts | None) -> Iterator[tuple[SourceFile, int, str]]:
    for source in shell.sources if shell else ():
        for number, line in enumerate(source.text.splitlines(), start=1):
            yield source, number, "" if line.lstrip().startswith("#") else line


def scanned_images_run(promise: Promise, pipelines: Pipelines, compose: ComposeFiles) -> Finding:
    """The images that workflows scan are those that compose runs, all of them."""
    run = [
        (service, (_split(service.image)[0], service.tag or "latest"))
        for service in services_of(compose)
        if service.node["image"]
    ]
    tags = {repository: (tag, service) for service, (repository, tag) in run}
    holes, looked = list[Hole](), list[str]()
    for pipeline in pipelines.pipelines:
        for job in pipeline.jobs:
            scanned = [(step, *_split(image)) for step in job.steps for image in _scanned(job, step)]
            ours = [(step, repository, tag) for step, repository, tag in scanned if repository in tags]
            looked += [f"{step.spot}: {repository}:{tag}" for step, repository, tag in ours]
            for step, repository, tag in ours:
                wanted, service = tags[repository]
                if tag != wanted:
                    what = f"{repository}:{tag} is scanned, and compose runs {repository}:{wanted}"
                    holes.append(
                        Hole(
                            spot=step.spot,
                            what=what,
                            fix=f"{repository}:{wanted}",
                            beside=(service.node["image"].spot,),
                        )
                    )
            missing = {repository: run for repository, run in tags.items() if repository not in {r for _, r, _ in ours}}
            if len(ours) > 1 and "${{" not in " ".join(r for _, r, _ in scanned):
                for repository, (tag, service) in missing.items():
                    what = f"{job.id} scans other images of compose, and not {repository}:{tag} of {service.name}"
                    holes.append(
                        Hole(spot=job.spot, what=what, fix=f"{repository}:{tag}", beside=(service.node["image"].spot,))
                    )
    return promise.judged(
        holes, looked=looked, expected="scans of what runs", nothing="no workflow scans an image that compose runs"
    )


def _scanned(job: Job, step: Step) -> Iterator[str]:
    named = step.node.at("with.image-ref").text or step.node.at("with.image").text
    if named and re.search(r"trivy|scan|grype|scout|snyk|anchore", step.uses):
        yield from filled(named, job)
    yield from (found["image"] for text in filled(step.run, job) for found in SCANS.finditer(text))


def _split(image: str) -> tuple[str, str]:
    """A reference's repository and tag, without the registry that is meant anyway and without the digest."""
    name = image.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, "latest")


def releases_reach_compose(promise: Promise, shell: Scripts, compose: ComposeFiles) -> Finding:
    """A script that changes the code, or pulls, changes what compose starts: services it builds are built anew."""
    built = [s for s in services_of(compose, files="*") if s.node["build"] and not s.node["pull_policy"]]
    holes, looked = list[Hole](), list[str]()
    for source in shell.sources if built else ():
        back, pulled, rebuilt = Spot(""), Spot(""), False
        for _, number, line in _lines(Scripts(sources=(source,), seen_at=shell.seen_at)):
            spot = source.spot(number)
            back = spot if BACK.search(line) else back
            for found in STARTS.finditer(line):
                meant = [s for s in built if _of(found["options"], s)]
                looked.append(f"{spot}: {found[0].strip()}")
                rebuilt = rebuilt or found["verb"] == "build" or "--build" in found["rest"]
                if found["verb"] == "pull":
                    pulled = spot if meant and all(not s.node["image"] for s in meant) else pulled
                if found["verb"] == "up" and meant and not rebuilt and (back.file or pulled.file):
                    names = ", ".join(service.name for service in meant)
                    why = "other code was checked out" if back.file else "they cannot be pulled, having no image"
                    what = f"`up` starts {names} from the images built before, although {why}"
                    beside = (back if back.file else pulled, meant[0].node["build"].spot)
                    holes.append(Hole(spot=spot, what=what, fix="up -d --build, or images with a tag", beside=beside))
                    back, pulled = Spot(""), Spot("")
    return promise.judged(
        holes,
        looked=looked,
        expected="releases that change what runs",
        nothing="no script starts services that compose builds",
    )


def _of(options: str, service: Service) -> bool:
    """Whether a command speaks of the file that a service stands in; one without -f speaks of those for production."""
    files = re.findall(r"(?:-f|--file)[= ]\s*(\S+)", options)
    source = service.document.source
    if not files:
        return source.purpose in (Purpose.PRODUCTION, Purpose.STAGING)
    return source.name.rpartition("/")[2] in [file.rpartition("/")[2] for file in files]


def build_files_exist(promise: Promise, pipelines: Pipelines, folder: Inventory) -> Finding:
    """The Dockerfiles that workflows build from are in the folder."""
    names = {source.name for source in folder.sources if not source.fragment}
    recipes = sorted(source.name for source in folder.sources if source.kind is Kind.DOCKERFILE and not source.fragment)
    holes, looked = list[Hole](), list[str]()
    for pipeline in pipelines.pipelines:
        for job, step in pipeline.steps if recipes else ():
            said = step.node.at("with.file")
            stated = filled(said.text, job) if "build-push-action" in step.uses and said else []
            for file in (*stated, *(found["file"] for found in BUILT_FROM.finditer(step.run))):
                path = file.removeprefix("./")
                looked.append(f"{step.spot}: {path}")
                if path not in names and "$" not in path and not step.node["working-directory"]:
                    what = f"{job.id} builds from {path}, which is not there"
                    fix = f"one of {', '.join(recipes)}"
                    holes.append(
                        Hole(spot=said.spot if said else step.spot, what=what, fix=fix, beside=(Spot(recipes[0], 1),))
                    )
    return promise.judged(
        holes, looked=looked, expected="Dockerfiles that are there", nothing="no workflow names a Dockerfile"
    )


def pm2_environments_defined(promise: Promise, processes: ProcessFiles, shell: Scripts | None) -> Finding:
    """The environment that PM2 is started with is one that its file defines."""
    used = [(source.spot(n), found) for source, n, line in _lines(shell) for found in WITH_ENVIRONMENT.finditer(line)]
    for document in processes.of():
        for target in document.root["deploy"]:
            after = target["post-deploy"]
            used += [(after.spot, found) for found in WITH_ENVIRONMENT.finditer(after.text)]
    apps = list(apps_of(processes))
    holes = [
        Hole(
            spot=spot,
            what=f"PM2 is started with --env {found['name']}, and {app['name'].text} has no env_{found['name']}",
            fix=f"env_{found['name']}: {{ NODE_ENV: {found['name']!r} }}",
            beside=(app["env"].spot if app["env"] else app.spot,),
        )
        for spot, found in used
        for app in apps
        if f"env_{found['name']}" not in app
    ]
    return promise.judged(
        holes,
        looked=[f"{spot}: --env {found['name']}" for spot, found in used] if apps else [],
        expected="environments that the process file defines",
        nothing="PM2 is started with no environment",
    )
