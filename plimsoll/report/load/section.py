"""The runs of load on the page: the verdict first, then pictures, each with its figures beside it."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.model import Outcome, merge
from plimsoll.model.load import OPEN
from plimsoll.observations.load import Decision, LoadRecord, LoadRun
from plimsoll.report.clean import Clean
from plimsoll.report.load import latency, tables
from plimsoll.report.load.axes import Axis
from plimsoll.report.load.health import busy, health
from plimsoll.report.load.rates import errors, rates, said_rates
from plimsoll.report.load.used import saturation
from plimsoll.report.load.words import sentence, told
from plimsoll.report.promised import findings_of, link, promised
from plimsoll.report.rows import shape
from plimsoll.report.words import escaped

ALL = "all routes"

NONE = '<p class="none">No request failed.</p>'

NOTE = (
    "What the deployment was asked on purpose, and how it answered. Every picture shows the figures of a moment under "
    "the pointer, or with the arrow keys; the same figures stand in the table beside it."
)


def loads(verdict: Clean) -> str:
    """The section; empty for a run without any load."""
    if not verdict.loads:
        return ""
    several = "".join(_load(verdict, it, f"load-{number}") for number, it in enumerate(verdict.loads, start=1))
    return (
        f'<section class="drills loads" aria-labelledby="loads"><h2 id="loads">Load <span>{len(verdict.loads)}</span>'
        f'</h2><p class="note">{NOTE}</p>{several}</section>'
    )


def _load(verdict: Clean, it: LoadRecord, name: str) -> str:
    findings = findings_of(verdict, it.promises)
    outcome = Outcome.UNKNOWN if it.void else merge([finding.outcome for finding in findings] or _outcomes(it))
    others = [finding for finding in findings if finding.promise.id not in {d.objective.promise for d in it.decisions}]
    decided = "".join(_decided(it, decision) for decision in it.decisions)
    asked = any(tally.asked for window in it.run.windows for tally in window.tallies)
    parts = (
        f'<p class="void"><b>Void: this run says nothing of the service.</b> {escaped(it.void)}</p>' if it.void else "",
        f'<ul class="objectives">{decided}</ul>' if decided else "",
        f'<p class="beside">{escaped(said_rates(it.run))} {escaped(health(it.run))}</p>',
        promised(others) if others or not decided else "",
        _pictures(it.run, name) if asked else "",
    )
    return (
        f'<details class="drill load {outcome}" id="{name}" open><summary>{shape(outcome)}'
        f"<h3>{escaped(it.run.deployment or it.run.target)}</h3>"
        f'<span class="story">{escaped(" ".join(told(it)))}</span></summary>'
        f'<div class="inside">{"".join(parts)}</div></details>'
    )


def _outcomes(it: LoadRecord) -> list[Outcome]:
    return [decision.judgement.outcome for decision in it.decisions]


def _decided(it: LoadRecord, decision: Decision) -> str:
    outcome = Outcome.UNKNOWN if it.void else decision.judgement.outcome
    said = f"{link(decision.objective.promise)} {escaped(sentence(it, decision))}"
    return f'<li class="{outcome}">{shape(outcome)} <span>{said}</span></li>'


def _pictures(run: LoadRun, name: str) -> str:
    """All pictures, in the order in which people ask."""
    failed, workers = errors(run, name), busy(run, name)
    used = [plot.drawn(tables.sampled(plot)) for plot in saturation(run, name)]
    parts = (
        _heading("How requests were answered"),
        tables.routes(run),
        _routes(run, name),
        _heading("What was asked, and what failed"),
        _grid([rates(run, name).drawn(tables.rates(run)), failed.drawn(tables.errors(run)) if failed else NONE]),
        f"{_heading('What services used')}{_grid(used)}" if used else "",
        f"{_heading('The generator itself')}{_tools(run)}" if run.generators else "",
        workers.drawn(tables.sampled(workers)) if workers else "",
        tables.workers(run) if run.generators else "",
    )
    return "".join(parts)


def _routes(run: LoadRun, name: str) -> str:
    """The pictures of latency: of all routes, and of each that is chosen; choosing takes no script."""
    names = ["", *run.routes] if len(run.routes) > 1 else [""]
    tabs, axis = list[str](), latency.scale(run)
    for place, route in enumerate(names):
        own = f"{name}-{place}"
        chosen = "" if place else " checked"
        choice = f'<input type="radio" name="{name}-route" id="{own}"{chosen}><label for="{own}">'
        choice = f"{choice}{escaped(route or ALL)}</label>" if len(names) > 1 else ""
        tabs.append(f'{choice}<div class="panel">{_views(run, own, route, axis)}</div>')
    return f'<fieldset class="tabs"><legend>Latency</legend>{"".join(tabs)}</fieldset>'


def _views(run: LoadRun, name: str, route: str, axis: Axis) -> str:
    """The open and the closed view, side by side, on one scale; one in the closed model, which has no other."""
    views = (False, True) if run.plan.model == OPEN else (True,)
    plots = [
        latency.over_time(run, name, route, service=service, axis=axis).drawn(
            tables.over_time(run, route, service=service)
        )
        for service in views
    ]
    plots += [latency.spread(run, name, route, service=service, axis=axis).drawn() for service in views]
    return f'<p class="beside">{escaped(latency.gap(run, route))}</p>{_grid(plots)}{tables.spread(run, route)}'


def _tools(run: LoadRun) -> str:
    """What asked, in which release."""
    said = ", ".join(f"{name} {version}" for name, version in run.tools.items())
    return f'<p class="beside">Asked by {escaped(said)}.</p>' if said else ""


def _heading(words: str) -> str:
    return f"<h4>{words}</h4>"


def _grid(plots: Sequence[str]) -> str:
    return f'<div class="pair">{"".join(plots)}</div>'
