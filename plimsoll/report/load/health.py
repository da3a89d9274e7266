"""How the generator was while it asked: how busy, and how late."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.observations.load import Generator, LoadRun
from plimsoll.report.load.axes import linear
from plimsoll.report.load.figures import at_shares, milliseconds, stretches
from plimsoll.report.load.plot import Line, Mark, Plot
from plimsoll.report.load.time import moments, places, shades, ticks
from plimsoll.report.load.used import LOOKS, share_words

SHOWN = 6
"""Workers that have a line of their own; beyond them the busiest of all is drawn."""


def busy(run: LoadRun, name: str) -> Plot | None:
    """What share of its core each worker used; None where nobody knows."""
    parts = stretches(run)
    shares = {each.name: {pulse.number: pulse.cpu for pulse in each.pulses} for each in run.generators}
    if len(shares) > SHOWN:
        shares = {"the busiest worker": _busiest(run.generators)}
    lines = []
    for place, (worker, cpu) in enumerate(shares.items()):
        values = [_most(cpu.get(window.number) for window in part.windows) for part in parts]
        said = ["none" if value is None else share_words(value) for value in values]
        lines.append(Line(kind=f"role-{place % LOOKS}", name=worker, values=values, said=said))
    if not any(value is not None for line in lines for value in line.values):
        return None
    return Plot(
        name=f"{name}-busy",
        title="The generator's workers, each as a share of its core",
        says=health(run),
        axis=linear([1.0], share_words),
        places=places(parts),
        moments=moments(parts),
        ticks=ticks(run),
        lines=lines,
        marks=(Mark(value=1.0, label="one core"),),
        shades=shades(run),
        group=name,
    )


def health(run: LoadRun) -> str:
    """How the generator was, in a sentence."""
    if not run.generators:
        return "Nobody knows how the generator was."
    cpu = sorted(pulse.cpu for generator in run.generators for pulse in generator.pulses)
    late = [found for each in run.generators for found in at_shares(each.lag, (0.99,)) if found is not None]
    lost = [generator.name for generator in run.generators if generator.lost]
    parts = [f"{len(run.generators)} {'worker' if len(run.generators) == 1 else 'workers'}"]
    if cpu:
        parts.append(f"{share_words(cpu[len(cpu) // 2])} of a core as a rule and {share_words(cpu[-1])} at most")
    if late:
        parts.append(f"99 % of the journeys began within {milliseconds(max(late))} of their time")
    if lost:
        parts.append(f"lost: {', '.join(lost)}")
    return f"The generator: {'; '.join(parts)}."


def of_worker(it: Generator) -> tuple[str, ...]:
    """A worker in figures: how late at the median, at p99, at most; how busy; sockets; seconds of collection."""
    late = (milliseconds(value) for value in at_shares(it.lag, (0.5, 0.99, 1.0)))
    cpu = sorted(pulse.cpu for pulse in it.pulses)
    used = (share_words(cpu[len(cpu) // 2]), share_words(cpu[-1])) if cpu else ("none", "none")
    sockets = max((pulse.sockets for pulse in it.pulses), default=0)
    collecting = milliseconds(sum(pulse.collecting for pulse in it.pulses))
    return (f"{it.name}{', lost' if it.lost else ''}", *late, *used, f"{sockets:,}", collecting)


def _busiest(generators: Iterable[Generator]) -> dict[int, float]:
    found = dict[int, float]()
    for generator in generators:
        for pulse in generator.pulses:
            found[pulse.number] = max(pulse.cpu, found.get(pulse.number, 0.0))
    return found


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
