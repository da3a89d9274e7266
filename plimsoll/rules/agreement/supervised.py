"""That scripts speak to the processes that PM2 really runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import ProcessFiles, ShellScripts
from plimsoll.rules.operations.programs import Call, calls_of
from plimsoll.rules.rollout.processes import apps_of

__all__ = ["processes_named_exist"]

VERBS = frozenset({"start", "stop", "restart", "reload", "delete", "describe", "logs", "scale"})
FILE = re.compile(r"\.(c?js|mjs|json|ya?ml)$")


def processes_named_exist(promise: Promise, scripts: ShellScripts, processes: ProcessFiles) -> Finding:
    """What scripts stop, start and reload is what the ecosystem file calls its processes, and lies where they say."""
    apps = {app["name"].text: app for app in apps_of(processes) if app["name"].text}
    paths = [source.name for source in processes.sources]
    whole = all(not source.fragment for source in processes.sources)
    holes, looked = [], []
    for script in scripts.of() if apps else ():
        for call in calls_of(script):
            for verb, target in _told(call):
                looked.append(f"{call.spot}: pm2 {verb} {target}")
                first = next(iter(apps.values()))
                if FILE.search(target):
                    missing = not any(path == target or path.endswith(f"/{target}") for path in paths) and whole
                    what = f"pm2 is told to {verb} {target}, and there is {', '.join(paths)}"
                else:
                    missing = target not in apps
                    what = f"pm2 is told to {verb} {target}, and runs {', '.join(apps)}"
                if missing:
                    fix = "the name and the path that the ecosystem file has"
                    holes.append(Hole(spot=call.spot, what=what, fix=fix, beside=(first.spot,)))
    nothing = "no script speaks to PM2"
    return promise.judged(holes, looked=looked, expected="processes that PM2 knows", nothing=nothing)


def _told(call: Call) -> Iterator[tuple[str, str]]:
    """The verb and what it is about: a process by name, or a file."""
    argv = [word for word in call.command.argv if not word.startswith("-")]
    if "pm2" not in argv[:2]:
        return
    words = argv[argv.index("pm2") + 1 :]
    if len(words) > 1 and words[0] in VERBS and re.fullmatch(r"[\w./@-]*[a-zA-Z][\w./@-]*", words[1]):
        target = words[1].removeprefix("./")
        known = "/" not in target or FILE.search(target)
        if (
            target != "all"
            and known
            and not (words[0] == "start" and target.endswith((".js", ".mjs")) and "config" not in target)
        ):
            yield words[0], target
