"""What Vercel and Railway are told."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, PlatformFiles
from plimsoll.rules.kubernetes.secrets import confidential

__all__ = ["platform_secrets_hidden", "railway_deploys", "vercel_builds"]


def vercel_builds(
    promise: Promise,
    platforms: PlatformFiles,
    *,
    package: str,
    builder: str,
    environment: Mapping[str, str],
    files: str = "",
) -> Finding:
    """Vercel builds the promised package by the promised builder, with the promised environment."""
    looked = [document.root for document in platforms.of(Kind.VERCEL, files=files)]
    holes: list[Hole] = []
    for root in looked:
        used = {each["src"].text: each for each in root["builds"].items}
        built = used.get(package)
        if built is None:
            what = f"Vercel builds {', '.join(used) or 'nothing that is said'}, not {package}"
            holes.append(Hole(spot=(root["builds"] or root).spot, what=what, fix=f'"src": "{package}"'))
        elif built["use"].text != builder:
            what = f"Vercel builds {package} by {built['use'].text or 'nothing that is said'}, not by {builder}"
            holes.append(Hole(spot=(built["use"] or built).spot, what=what, fix=f'"use": "{builder}"'))
        for key, right in environment.items():
            node = root["env"][key]
            if node.text != right:
                what = f"{key} is {node.text or 'not said'}, not {right}"
                holes.append(Hole(spot=(node or root["env"] or root).spot, what=what, fix=f'"{key}": "{right}"'))
    return promise.judged(
        holes,
        looked=[f"{root.spot}: a project of Vercel" for root in looked],
        expected=f"{package} by {builder}, with {', '.join(environment) or 'no variables'} as promised",
        nothing="no file describes a project of Vercel",
    )


def railway_deploys(
    promise: Promise, platforms: PlatformFiles, *, replicas: int, path: str, timeout: int, files: str = ""
) -> Finding:
    """Railway keeps the promised replicas awake and asks for their health within the promised time (s)."""
    looked = [document.root["deploy"] for document in platforms.of(Kind.RAILWAY, files=files)]
    wanted = {
        "numReplicas": str(replicas),
        "healthcheckPath": path,
        "healthcheckTimeout": str(timeout),
        "sleepApplication": "false",
    }
    holes = [
        Hole(
            spot=(deploy[key] or deploy).spot, what=f"{key} is {deploy[key].text or 'not said'}, not {right}", fix=right
        )
        for deploy in looked
        for key, right in wanted.items()
        if deploy[key].text != right and not (key == "sleepApplication" and not deploy[key])
    ]
    return promise.judged(
        holes,
        looked=[f"{deploy.spot}: a deployment on Railway" for deploy in looked],
        expected=f"{replicas} replicas that never sleep, {path} within {timeout} s",
        nothing="no file describes a deployment on Railway",
    )


def platform_secrets_hidden(promise: Promise, platforms: PlatformFiles, *, files: str = "") -> Finding:
    """No password, key or token stands in the file of a platform."""
    shown = platforms if files else platforms.for_production()
    looked = [document.root for document in shown.of(Kind.VERCEL, Kind.RAILWAY, files=files)]
    tables = [table for root in looked for table in (root["env"], root.at("build.env"), root["variables"]) if table]
    holes = [
        Hole(
            spot=table[key].spot,
            what=f"{kind} {key} stands in plain text in what is checked in",
            fix="a variable of the platform's project",
        )
        for table in tables
        for key in table.keys
        if (kind := confidential(key, table[key])) and not table[key].text.startswith("@")
    ]
    return promise.judged(
        holes,
        looked=[f"{root.spot}: a platform's file" for root in looked],
        expected="no confidential value in what is checked in",
        nothing="no file is one of a platform",
    )
