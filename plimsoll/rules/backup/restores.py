"""How backups are put back: nothing destroyed before the backup is known to be good, nothing half restored."""

from __future__ import annotations

import re

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Script, ShellScripts
from plimsoll.rules.operations.programs import Call, calls_of, destroys, restores, verifies

__all__ = ["restores_stop_on_error", "restores_stop_writers", "restores_verify_first"]

SCRATCH = re.compile(r"test|scratch|tmp|temp|verif|restored|restoring|drill|staging|_new\b|\*", re.IGNORECASE)
STOPS = re.compile(
    r"\b(compose|docker-compose)\b.*\b(stop|down|pause)\b|\bsystemctl\s+stop\b|\bservice\s+\S+\s+stop\b|"
    r"\bpm2\s+(stop|delete)\b|--replicas[= ]0\b|\bdocker\s+(stop|pause)\b|^writers\s+stop\b|"
    r"ALTER\s+DATABASE.*(ALLOW_CONNECTIONS|RENAME|CONNECTION\s+LIMIT)|pg_terminate_backend|maintenance",
    re.IGNORECASE,
)
EXISTS = re.compile(r"(^|\s)-[sfe]\s+\S")
NO_RESTORE = "no script restores anything"


def _restoring(scripts: ShellScripts, files: str) -> list[tuple[Script, Call]]:
    return [(s, c) for s in scripts.of(files) for c in calls_of(s) if restores(c)]


def restores_stop_on_error(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """A restore ends at its first error, with a status that says so: half a database is no database."""
    found = _restoring(scripts, files)
    holes = []
    for _, call in found:
        if call.program == "pg_restore" and not call.has("--exit-on-error", "-e", "--single-transaction", "-1"):
            what = "pg_restore goes on after errors, and only counts them at the end"
            holes.append(Hole(spot=call.spot, what=what, fix="pg_restore --exit-on-error, or --single-transaction"))
        elif call.program == "psql" and "ON_ERROR_STOP" not in call.command.text:
            what = "psql goes on after errors and exits with 0: a half restored database looks like a whole one"
            holes.append(Hole(spot=call.spot, what=what, fix="psql --set ON_ERROR_STOP=1 --single-transaction"))
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.program}" for _, call in found],
        expected="restores that stop at the first error",
        nothing=NO_RESTORE,
    )


def restores_verify_first(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """Nothing is destroyed before the backup that is to replace it was looked at."""
    holes, looked = [], []
    for script in scripts.of(files):
        calls = calls_of(script)
        for call in calls:
            if not destroys(call) or _scratch(call) or not any(restores(c) for c in calls[call.number :]):
                continue
            looked.append(f"{call.spot}: {call.program}")
            seen = [c for c in calls[: call.number] if verifies(c) or EXISTS.search(c.command.text)]
            if not seen:
                after = next(c for c in calls[call.number :] if restores(c))
                holes.append(
                    Hole(
                        spot=call.spot,
                        what=f"{call.program} destroys the database before anybody knows that the backup can be read",
                        fix="gzip --test or pg_restore --list first; better restore beside it and rename",
                        beside=(after.spot,),
                    )
                )
                break
    looked += [f"{call.spot}: {call.program}" for _, call in _restoring(scripts, files)]
    return promise.judged(
        holes, looked=looked, expected="backups checked before they replace anything", nothing=NO_RESTORE
    )


def restores_stop_writers(promise: Promise, scripts: ShellScripts, *, files: str = "") -> Finding:
    """Nobody writes to a database while it is being replaced."""
    found = _restoring(scripts, files)
    holes, blamed = [], set[str]()
    for script, call in found:
        calls = calls_of(script)
        if _scratch(call) or script.source.name in blamed or any(STOPS.search(c.command.text) for c in calls):
            continue
        created = any(c.program == "createdb" for c in calls[: call.number])
        dropped = any(destroys(c) for c in calls[: call.number])
        if created and not dropped:
            continue
        blamed.add(script.source.name)
        what = f"{call.program} writes into a database that the application is writing to: nothing stops it first"
        holes.append(Hole(spot=call.spot, what=what, fix="stop the application, restore, start it again"))
    return promise.judged(
        holes,
        looked=[f"{call.spot}: {call.program}" for _, call in found],
        expected="no writers while a database is replaced",
        nothing=NO_RESTORE,
    )


def _scratch(call: Call) -> bool:
    """Whether it is about a database made for the purpose."""
    named = call.value_of("-d", "--dbname") or next((a for a in reversed(call.arguments) if not a.startswith("-")), "")
    return bool(SCRATCH.search(named))
