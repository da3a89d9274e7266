"""Dependencies: installed as locked, there when they are needed, and watched."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import DependencyFiles, Inventory, Kind, Pipelines, Scripts
from plimsoll.rules.rollout.jobs import silent

__all__ = ["builds_have_tools", "dependencies_watched", "installs_locked"]

UNLOCKED = re.compile(
    r"\bnpm\s+(install|i)\b(?P<npm>[^\n&|;]*)|\byarn(\s+install)?\s*(?P<yarn>(--[\w-]+\s*)*)(?=$|[\n&|;])"
    r"|\bpnpm\s+install\b(?P<pnpm>[^\n&|;]*--no-frozen-lockfile)",
    re.MULTILINE,
)
NO_DEVELOPMENT = re.compile(
    r"\bnpm\s+(ci|install|i)\b[^\n&|;]*(--production\b|--only[= ]prod(uction)?\b|--omit[= ]dev\b)"
    r"|\byarn\s+install\b[^\n&|;]*--production\b|\bpnpm\s+install\b[^\n&|;]*(--prod\b|-P\b)"
)
BUILDS = re.compile(r"\b(npm|pnpm|yarn)\s+(run\s+)?build\b|\bnpx\s+(tsc|vite|webpack|next\s+build)\b")
FULL = re.compile(r"\b(npm\s+(ci|install|i)|yarn\s+install|pnpm\s+install)\b")
LOCKS = re.compile(r"(^|/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$")
INTERVALS = ("daily", "weekly", "cron")
AUDITS = re.compile(
    r"\b(npm|pnpm|yarn)\s+(run\s+)?audit\b|dependency-review-action|osv-scanner|\btrivy\b", re.IGNORECASE
)


def installs_locked(promise: Promise, pipelines: Pipelines, folder: Inventory) -> Finding:
    """Workflows install the dependencies that the lock file names, not those of the day.

    A library that keeps no lock file is tested with the newest on purpose.
    """
    steps = [
        step
        for pipeline in pipelines.pipelines
        for _, step in pipeline.steps
        if FULL.search(step.run) or _loose(step.run)
    ]
    holes = [
        Hole(spot=step.spot, what=f"{command!r} takes whatever is newest, and changes the lock file", fix="npm ci")
        for step in steps
        if (command := _loose(step.run)) and not _is_library(folder)
    ]
    return promise.judged(
        holes,
        looked=[f"{step.spot}: {step.run.strip().splitlines()[0]}" for step in steps],
        expected="npm ci, yarn --immutable, pnpm install --frozen-lockfile",
        nothing="no workflow installs dependencies",
    )


def _is_library(folder: Inventory) -> bool:
    """Whether a folder holds packages that are published, and no lock file."""
    packages = [source for source in folder.sources if source.kind is Kind.PACKAGE]
    private = [source for source in packages if re.search(r'"private"\s*:\s*true', source.text)]
    return bool(packages) and not private and not any(LOCKS.search(source.name) for source in folder.sources)


def _loose(command: str) -> str:
    for found in UNLOCKED.finditer(command):
        arguments = (found["npm"] or "").split()
        flags = " ".join(arguments) + (found["yarn"] or "")
        named = [word for word in arguments if not word.startswith("-")]
        if named or re.search(
            r"-g\b|--global|--package-lock-only|frozen-lockfile|--immutable|--version|-v\b",
            flags.replace("--no-frozen", ""),
        ):
            continue
        return found[0].strip()
    return ""


def builds_have_tools(promise: Promise, scripts: Scripts) -> Finding:
    """What builds has the dependencies of development, which hold the compiler."""
    holes, looked = list[Hole](), list[str]()
    for source in scripts.of():
        lean = 0
        for number, line in enumerate(source.text.splitlines(), start=1):
            code = line.partition("#")[0]
            if FULL.search(code):
                lean = number if NO_DEVELOPMENT.search(code) else 0
                looked.append(f"{source.spot(number)}: {code.strip()}")
            if lean and (built := BUILDS.search(code)):
                what = f"{built[0]!r} after an install without development dependencies, which hold the compiler"
                fix = "npm ci, then build, then npm prune --omit=dev"
                holes.append(Hole(spot=source.spot(number), what=what, fix=fix, beside=(source.spot(lean),)))
                lean = 0
    return promise.judged(
        holes, looked=looked, expected="npm ci before a build", nothing="no script installs dependencies"
    )


def dependencies_watched(
    promise: Promise, dependencies: DependencyFiles, pipelines: Pipelines, *, ecosystems: tuple[str, ...]
) -> Finding:
    """Updates of every ecosystem are proposed by themselves, and no change brings in a dependency with an advisory."""
    holes, looked = list[Hole](), list[str]()
    for document in dependencies.of():
        updates = {each["package-ecosystem"].text: each for each in document.root["updates"].items}
        looked += [f"{each.spot}: {name}" for name, each in updates.items()]
        for name in ecosystems:
            each = updates.get(name)
            if each is None:
                what = f"nobody watches the dependencies of {name}"
                holes.append(Hole(spot=document.root["updates"].spot, what=what, fix=f"package-ecosystem: {name}"))
            elif each.at("schedule.interval").text not in INTERVALS:
                said = each.at("schedule.interval")
                what = f"the dependencies of {name} are looked at {said.text or 'never'}"
                holes.append(Hole(spot=said.spot, what=what, fix="interval: daily"))
    audits = [
        step
        for pipeline in pipelines.pipelines
        if pipeline.started_by("pull_request")
        for _, step in pipeline.steps
        if AUDITS.search(step.run) or AUDITS.search(step.uses)
    ]
    looked += [f"{step.spot}: {step.text}" for step in audits]
    if not any(not silent(step) for step in audits) and pipelines.sources:
        spot = audits[0].spot if audits else pipelines.sources[0].spot(1)
        what = "a change with a high advisory is merged: no workflow for pull requests audits, or it cannot fail"
        holes.append(Hole(spot=spot, what=what, fix="on: pull_request, run: npm audit --audit-level=high"))
    return promise.judged(
        holes,
        looked=looked,
        expected=f"updates for {', '.join(ecosystems)}, and an audit of each change",
        nothing="nobody watches dependencies",
    )
