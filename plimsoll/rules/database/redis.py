"""Redis's own file: directives it knows, a door that is guarded, and jobs that are not forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations.artefacts import ComposeFiles, Programs, RedisFiles, Setting, SourceFile
from plimsoll.rules.containers.services import services_of
from plimsoll.rules.database.redis_names import IN_FILES, KNOWN, LATER
from plimsoll.rules.database.units import REDIS, in_bytes
from plimsoll.rules.secrets_env.strength import GUESSED, SHORTEST
from plimsoll.shape import nearest

__all__ = ["redis_door_guarded", "redis_forgets_no_jobs", "redis_settings_known"]

SIZES = frozenset({"maxmemory", "repl-backlog-size", "proto-max-bulk-len", "auto-aof-rewrite-min-size"})
SWITCHES = frozenset({"appendonly", "protected-mode", "daemonize", "rdbcompression", "rdbchecksum"})
POLICIES = frozenset(
    [
        "noeviction",
        "allkeys-lru",
        "allkeys-lfu",
        "allkeys-random",
        "volatile-lru",
        "volatile-lfu",
        "volatile-random",
        "volatile-ttl",
    ]
)
FSYNCS = frozenset({"always", "everysec", "no"})
SAVE_PAIR = 2
"""`save` takes pairs of seconds and changes."""

QUEUES = re.compile(
    r"from\s+['\"](bullmq?|bee-queue|kue)['\"]|require\(['\"](bullmq?|bee-queue|kue)['\"]\)|\bcelery\b|\brq\b"
)
"""Programs that keep jobs in Redis."""

WORKERS = re.compile(r"(^|[-_])(workers?|queues?|jobs?|celery|sidekiq)([-_]|$)")
OPEN = frozenset({"*", "0.0.0.0", "::", "-::*", "*::*"})


def redis_settings_known(promise: Promise, redis: RedisFiles) -> Finding:
    """Redis starts with its file: every line is a directive it knows, with values that it can read."""
    holes = [Hole(spot=each.spot, what=each.what, fix=each.fix) for each in redis.oddities]
    holes += [hole for setting in redis.settings for hole in _unknown(setting)]
    return promise.judged(
        sorted(holes, key=lambda hole: (hole.spot.file, hole.spot.line)),
        looked=[f"{setting.spot}: {setting.name}" for setting in redis.settings],
        expected="directives that Redis knows",
        nothing="no file of Redis is there",
    )


def _unknown(setting: Setting) -> Iterator[Hole]:
    name, words = setting.name, setting.words
    first = words[0] if words else ""
    known = name in KNOWN or name in IN_FILES or name in LATER
    what = ""
    if not known and (near := nearest(name, KNOWN)):
        what = f"Redis knows no directive {name!r}{near}: it does not start"
    elif known and not setting.value and name not in ("save", "requirepass", "unixsocket"):
        what = f"{name} has no value: Redis does not start"
    elif name in SIZES and in_bytes(first, REDIS) is None:
        what = f"{name} {first}: Redis reads a number with b, k, kb, m, mb, g or gb"
    elif name in SWITCHES and first.lower() not in ("yes", "no"):
        what = f"{name} {first}: Redis reads yes or no"
    elif name == "maxmemory-policy" and first.lower() not in POLICIES:
        what = f"maxmemory-policy {first} is none{nearest(first, POLICIES)}"
    elif name == "appendfsync" and first.lower() not in FSYNCS:
        what = f"appendfsync {first} is none{nearest(first, FSYNCS)}"
    elif name == "save" and words != ("",) and (len(words) % SAVE_PAIR or not all(w.isdigit() for w in words)):
        what = "save takes pairs of seconds and changes"
    if what and "$" not in setting.value:
        yield Hole(spot=setting.spot, what=what, fix=f"see {name} in redis.conf of the sources")


def redis_door_guarded(promise: Promise, redis: RedisFiles) -> Finding:
    """Redis takes nobody in from the network without a password, and none that is guessed."""
    holes: list[Hole] = []
    for source, settings in redis.by_file():
        holes += _door(source, {setting.name: setting for setting in settings})
    return promise.judged(
        holes,
        looked=[f"{source.spot()}: {source.name}" for source, _ in redis.by_file()],
        expected="protected mode, or a password that nobody guesses",
        nothing="no file of Redis is for production",
    )


def _door(source: SourceFile, said: dict[str, Setting]) -> Iterator[Hole]:
    password = said.get("requirepass")
    users = "user" in said or "aclfile" in said
    mode, bind = said.get("protected-mode"), said.get("bind")
    unguarded = mode is not None and mode.value.lower() == "no" and not users
    if password and password.words and (password.words[0] == "" or _guessed(password.words[0])):
        what = "requirepass is empty" if not password.words[0] else "requirepass is a password that is guessed"
        yield Hole(
            spot=password.spot, what=what, fix="requirepass with 32 random bytes, from a file that is not committed"
        )
    elif unguarded and password is None and mode:
        far = bind is None or bool(OPEN & set(bind.words))
        if far and not source.fragment:
            what = "protected mode is off and no password is asked for: whoever reaches the port owns the data"
            beside = (bind.spot,) if bind else ()
            yield Hole(spot=mode.spot, what=what, fix="protected-mode yes, and requirepass", beside=beside)


def _guessed(word: str) -> bool:
    return "$" not in word and not word.startswith("<") and (len(word) < SHORTEST or bool(GUESSED.search(word)))


def redis_forgets_no_jobs(
    promise: Promise, redis: RedisFiles, programs: Programs | None, compose: ComposeFiles | None
) -> Finding:
    """A Redis in which jobs wait does not evict them when memory is full, and has them after a restart."""
    users = list(_queue_users(programs, compose))
    holes: list[Hole] = []
    for _, settings in redis.by_file():
        said = {setting.name: setting for setting in settings}
        policy, append, save = said.get("maxmemory-policy"), said.get("appendonly"), said.get("save")
        beside = tuple(spot for spot, _ in users[:1])
        who = users[0][1] if users else ""
        if users and policy and policy.value.lower().startswith("allkeys-"):
            what = f"maxmemory-policy {policy.value} evicts jobs as well as cached pages, and {who} keeps jobs in here"
            fix = "maxmemory-policy noeviction, or volatile-lru with lifetimes on what may go"
            holes.append(Hole(spot=policy.spot, what=what, fix=fix, beside=beside))
        if users and append and append.value.lower() == "no" and save and save.words == ("",):
            what = f"nothing is written down: a restart forgets the jobs of {who}"
            holes.append(Hole(spot=save.spot, what=what, fix="appendonly yes", beside=(append.spot, *beside)))
    return promise.judged(
        holes,
        looked=[f"{source.spot()}: {source.name}" for source, _ in redis.by_file()] if users else [],
        expected="noeviction, and an append-only file or snapshots",
        nothing="nothing shows that jobs wait in Redis",
    )


def _queue_users(programs: Programs | None, compose: ComposeFiles | None) -> Iterator[tuple[Spot, str]]:
    """Where it shows that jobs are kept in Redis, and by whom."""
    for source in programs.sources if programs else ():
        if found := QUEUES.search(source.text):
            yield source.spot(source.text.count("\n", 0, found.start()) + 1), source.name
    for service in services_of(compose) if compose else ():
        if WORKERS.search(service.name):
            waits = "redis" in service.node["depends_on"].keys or "redis" in service.node["depends_on"].texts
            if waits:
                yield service.node.spot, f"the service {service.name}"
