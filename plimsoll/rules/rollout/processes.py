"""How PM2 runs a program on its hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Node, ProcessFiles

__all__ = ["pm2_clusters", "pm2_heap_fits", "pm2_restarts_on_memory", "pm2_uses_all_cores"]

HEAP = re.compile(r"--max[-_]old[-_]space[-_]size[=\s](\d{1,9})")
SIZE = re.compile(r"(\d{1,9})\s*([KMG]?)", re.IGNORECASE)
MEGABYTES = {"K": 1 / 1024, "M": 1.0, "G": 1024.0, "": 1 / 2**20}
"""What PM2 calls K, M and G, in MiB (PM2: Memory Limit Reload)."""

ALL_CORES = ("max", "0", "-1")
"""As many processes as there are cores; -1: one less (PM2: Cluster Mode)."""

ROOM = 1.2
"""A process is its heap and more: code, stacks, buffers (V8: Trash talk; Node.js: process.memoryUsage)."""


def apps_of(processes: ProcessFiles) -> Iterator[Node]:
    """Every application that a process file describes."""
    for document in processes.for_production().of():
        apps = document.root["apps"]
        yield from (app for app in (apps.items if apps.is_list else (apps,)) if app.is_table)


def pm2_uses_all_cores(promise: Promise, processes: ProcessFiles, *, app: str) -> Finding:
    """The application runs as a cluster with one process for each core."""
    apps = [each for each in apps_of(processes) if each["name"].text == app]
    holes = []
    for each in apps:
        if each["instances"].text != "max" and each["instances"].text != "0":
            what = f"{app} runs {each['instances'].text or 'one'} process(es), whatever the machine has"
            holes.append(Hole(spot=each["instances"].spot, what=what, fix='instances: "max"'))
        if each["exec_mode"].text not in ("cluster", "cluster_mode"):
            what = f"{app} does not run as a cluster, but as {each['exec_mode'].text or 'fork'}"
            holes.append(Hole(spot=each["exec_mode"].spot, what=what, fix='exec_mode: "cluster"'))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {app}" for each in apps],
        expected='instances: "max", exec_mode: "cluster"',
        nothing=f"no process file speaks of {app}",
    )


def pm2_restarts_on_memory(
    promise: Promise, processes: ProcessFiles, *, app: str, restart: str, heap_at_most: int
) -> Finding:
    """A process that has grown too large is replaced, and its heap is limited to no more than promised (in MiB)."""
    apps = [each for each in apps_of(processes) if each["name"].text == app]
    holes = []
    for each in apps:
        limit, heap = each["max_memory_restart"], heap_of(each)
        if megabytes(limit.text) != megabytes(restart):
            what = f"{app} is replaced at {limit.text or 'no size at all'}, not at {restart}"
            holes.append(Hole(spot=limit.spot, what=what, fix=f'max_memory_restart: "{restart}"'))
        if heap is None or heap > heap_at_most:
            what = f"the heap of {app} may grow to {f'{heap} MiB' if heap else 'what V8 thinks right'}"
            fix = f"--max-old-space-size of {heap_at_most} or less"
            holes.append(Hole(spot=_arguments(each).spot, what=what, fix=fix))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {app}" for each in apps],
        expected=f"replaced at {restart}, heap up to {heap_at_most} MiB",
        nothing=f"no process file speaks of {app}",
    )


def pm2_heap_fits(promise: Promise, processes: ProcessFiles) -> Finding:
    """V8 reaches the limit of its heap before PM2 kills the process for its size."""
    apps = [each for each in apps_of(processes) if each["max_memory_restart"] and heap_of(each)]
    holes = []
    for each in apps:
        heap, limit = heap_of(each) or 0, megabytes(each["max_memory_restart"].text)
        if limit and heap * ROOM > limit:
            holes.append(
                Hole(
                    spot=_arguments(each).spot,
                    what=f"the heap may grow to {heap} MiB, and PM2 restarts the process at {limit:.0f} MiB, of which "
                    "the heap is only a part: it is restarted before V8 collects in earnest",
                    fix=f"--max-old-space-size={int(limit * 0.75)}",
                    beside=(each["max_memory_restart"].spot,),
                )
            )
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each['name'].text}" for each in apps],
        expected="a heap well below the size at which PM2 restarts",
        nothing="no process file limits both",
    )


def pm2_clusters(promise: Promise, processes: ProcessFiles) -> Finding:
    """Processes that share a port run as a cluster."""
    apps = [each for each in apps_of(processes) if each["instances"]]
    holes = [
        Hole(
            spot=each["exec_mode"].spot if each["exec_mode"] else each["instances"].spot,
            what=f"{each['name'].text} runs {each['instances'].text} processes as forks: one of them gets the port",
            fix='exec_mode: "cluster", or increment_var: "PORT"',
        )
        for each in apps
        if each["exec_mode"].text in ("fork", "fork_mode")
        and (each["instances"].text in ALL_CORES or _many(each["instances"].text))
        and not each["increment_var"]
        and any("PORT" in each[key] for key in each.keys if key.startswith("env"))
    ]
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each['name'].text}" for each in apps],
        expected='exec_mode: "cluster" where there are several',
        nothing="no process file says how many processes run",
    )


def heap_of(app: Node) -> int | None:
    """The limit of the heap in MiB that a process is started with."""
    found = HEAP.search(" ".join(_arguments(app).texts))
    return int(found[1]) if found else None


def _arguments(app: Node) -> Node:
    return next((app[key] for key in ("node_args", "interpreter_args", "nodeArgs") if app[key]), app)


def _many(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5 and int(text) > 1  # noqa: PLR2004 - nobody starts 10,000


def megabytes(text: str) -> float:
    """The MiB that a size such as `1G` means; 0 for none."""
    found = SIZE.fullmatch(text.strip())
    return int(found[1]) * MEGABYTES[found[2].upper()] if found else 0.0
