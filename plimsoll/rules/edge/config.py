"""What the deployment's own files say, where the effect cannot be seen from outside."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations import CronLine, NginxConfig, Schedules
from plimsoll.rules.blocks import arguments, blocks_of, spot_of, where_is

__all__ = ["nginx_directives", "scheduled"]

SECONDS_PER_HOUR = 3600
REHEARSAL = "--dry-run"


def nginx_directives(
    promise: Promise, config: NginxConfig, *, directives: Mapping[str, str], server: str = "", block: str = ""
) -> Finding:
    """In every block meant, the effective value of each directive is the promised one.

    `server` is a server's name, `tls` for all that speak TLS, `plain` for all others; `block` is a block's head, e.g.
    `upstream web` or `location /api/`, inside those servers if both are said; `http` is what all servers inherit. The
    value is compared argument by argument with the promised words (`""` for an empty one); more arguments may follow.
    nginx must accept the file.
    """
    expected = "; ".join(f"{name} {value}" for name, value in directives.items())
    if config.test_passed is False:
        return promise.broken(
            expected=expected,
            actual=config.test,
            message=f"nginx refuses the configuration: {config.test}",
            hint="nothing in a file that nginx refuses ever takes effect; run nginx -t before a reload",
        )
    meant = " in ".join(filter(None, (block, f"server {server}" if server else "")))
    blocks = blocks_of(config, server=server, block=block)
    if not blocks:
        return promise.unknown(
            f"no {meant or 'block'} was found in the configuration",
            expected=expected,
            hint='server = "…" and/or block = "upstream …" say where to look',
        )
    wrong, evidence, holes = [], [], []
    for context in blocks:
        for name, value in directives.items():
            found = config.effective(name, context)
            wanted = arguments(value)
            said = [" ".join(d.arguments) for d in found]
            evidence += [f"{d.where}: {name} {' '.join(d.arguments)}" for d in found]
            if not any(d.arguments[: len(wanted)] == wanted for d in found):
                place = found[0].where if found else where_is(context)
                what = f"{name} is {' | '.join(said) or 'not set'}"
                wrong.append(f"{place}: {what}")
                spot = Spot(found[0].file, found[0].line) if found else spot_of(context)
                holes.append(Hole(spot=spot, what=what, fix=f"{name} {value};"))
    if wrong:
        return promise.broken(
            expected=expected,
            actual="; ".join(wrong),
            message=f"the edge's configuration is not as promised: {wrong[0]}",
            hint=f"set {expected}",
            evidence=evidence,
            holes=[hole for hole in holes if hole.spot.file],
        )
    at_rest = " of the file at rest; this run could not ask the server" if config.test_passed is None else ""
    return promise.kept(
        expected=expected,
        actual=f"in {len(blocks)} {'block' if len(blocks) == 1 else 'blocks'}{at_rest}",
        evidence=sorted(set(evidence)),
    )


def scheduled(promise: Promise, schedules: Schedules, *, command: str, at_least_every_hours: int) -> Finding:
    """A crontab line runs the command, not just a rehearsal of it, and in the year ahead never leaves a longer gap."""
    expected = f"{command} at least every {at_least_every_hours} h"
    lines = [line for line in schedules.lines if command in line.command and REHEARSAL not in line.command]
    if not lines:
        return promise.broken(
            expected=expected,
            actual="no such line",
            message=f"no crontab runs {command!r}",
            hint="a line in a guide renews nothing: install it",
            evidence=[f"{line.file}:{line.line}: {line.schedule} {line.command}" for line in schedules.lines],
        )
    evidence = [f"{line.file}:{line.line}: {line.schedule} {line.command}" for line in lines]
    gaps = [line.worst_gap for line in lines if line.worst_gap is not None]
    if not gaps:
        return promise.broken(
            expected=expected,
            actual=lines[0].schedule,
            message=f"{lines[0].file}:{lines[0].line}: the schedule cannot be read: {lines[0].trouble}",
            hint="five fields: minute hour day month weekday",
            evidence=evidence,
            holes=[_hole(line, f"the schedule cannot be read: {line.trouble}") for line in lines],
        )
    actual = f"worst gap {min(gaps) / SECONDS_PER_HOUR:g} h"
    if min(gaps) > at_least_every_hours * SECONDS_PER_HOUR:
        return promise.broken(
            expected=expected,
            actual=actual,
            message=f"{command!r} runs too seldom: {actual} ({evidence[0]})",
            hint="a missed renewal must leave time for another try",
            evidence=evidence,
            holes=[_hole(line, f"{command!r} runs too seldom: {actual}") for line in lines],
        )
    return promise.kept(expected=expected, actual=actual, evidence=evidence)


def _hole(line: CronLine, what: str) -> Hole:
    return Hole(spot=Spot(line.file, line.line), what=what)
