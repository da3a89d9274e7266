"""That what platforms' files rely on is what the commands beside them create and deploy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ComposeFiles, Kind, Node, PlatformFiles, Scripts, TerraformFiles
from plimsoll.rules.cloud.blocks import blocks_of
from plimsoll.rules.cloud.tasks import tasks_of
from plimsoll.rules.containers.services import services_of

__all__ = ["railway_health_served", "task_secrets_created"]

ARN = re.compile(r":secretsmanager:[^:]*:[^:]*:secret:(?P<name>[^:$]+)")
CREATED = re.compile(
    r"\baws\s+secretsmanager\s+create-secret\b(?:[^\n\\]|\\\n)*?--name[\s=]+[\"']?(?P<name>[\w/+=.@-]+)"
)
DEPLOYED = re.compile(r"^[^#\n]*\brailway\s+up\b[^\n#]*?(?:--service|-s)[\s=]+(?P<name>[\w-]+)", re.MULTILINE)
ASKED = re.compile(r"https?://(?:localhost|127\.0\.0\.1)(?::\d{1,5})?(?P<path>/[\w./-]*)")

SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
"""What Secrets Manager adds to a name to make an ARN of it."""


def task_secrets_created(
    promise: Promise,
    platforms: PlatformFiles,
    scripts: Scripts | None,
    terraform: TerraformFiles | None,
    *,
    files: str = "",
) -> Finding:
    """Every secret that a task asks Secrets Manager for is one that a command or Terraform creates, where any does."""
    created = dict(_created(scripts, terraform))
    wanted = [
        entry["valueFrom"]
        for t in tasks_of(platforms, None, files=files)
        for c in t.containers
        for entry in c["secrets"]
    ]
    named = [(node, found["name"]) for node in wanted if (found := ARN.search(node.text))]
    looked = named if created else []
    holes = [
        Hole(
            spot=node.spot,
            what=f"the task asks for the secret {name}, created is {' and '.join(created)}: it does not start",
            fix=f"the ARN of {next(iter(created))}, or a secret {name}",
            beside=tuple(created.values()),
        )
        for node, name in looked
        if name not in created and SUFFIX.sub("", name) not in created
    ]
    return promise.judged(
        holes,
        looked=[f"{node.spot}: {name}" for node, name in looked],
        expected="secrets that are created",
        nothing="no files create secrets and ask for them",
    )


def _created(scripts: Scripts | None, terraform: TerraformFiles | None) -> Iterator[tuple[str, Spot]]:
    for source in scripts.sources if scripts else ():
        for found in CREATED.finditer(source.text):
            yield found["name"], source.spot(source.text.count("\n", 0, found.start("name")) + 1)
    for block in blocks_of(terraform, "resource", "aws_secretsmanager_secret") if terraform else ():
        if block.node["name"].value:
            yield block.node["name"].text, block.node["name"].spot


def railway_health_served(
    promise: Promise, platforms: PlatformFiles, scripts: Scripts, compose: ComposeFiles, *, files: str = ""
) -> Finding:
    """Every service that is deployed to Railway serves the path that Railway asks for its health."""
    served = {each.name: each.node["healthcheck"] for each in services_of(compose)}
    looked: list[str] = []
    holes: list[Hole] = []
    for path in _paths(platforms, files):
        for source in scripts.sources:
            for found in DEPLOYED.finditer(source.text):
                check = served.get(found["name"])
                if check is None:
                    continue
                where = source.spot(source.text.count("\n", 0, found.start("name")) + 1)
                asked = ASKED.search(" ".join(check["test"].texts))
                looked.append(f"{where}: {found['name']}")
                if asked and asked["path"] != path.text:
                    what = (
                        f"Railway asks {found['name']} for {path.text}, it serves {asked['path']}: no deploy succeeds"
                    )
                    fix = f"a railway.json of {found['name']} with {asked['path']}"
                    holes.append(Hole(spot=path.spot, what=what, fix=fix, beside=(where, check["test"].spot)))
    return promise.judged(
        holes,
        looked=looked,
        expected="one path for a service's health, wherever it runs",
        nothing="no command deploys a service of compose to Railway",
    )


def _paths(platforms: PlatformFiles, files: str) -> Iterator[Node]:
    for document in platforms.of(Kind.RAILWAY, files=files):
        path = document.root.at("deploy.healthcheckPath")
        if path:
            yield path
