"""How an nginx inside a container takes over its files as they are now."""

from __future__ import annotations

from plimsoll.errors import StackFailed
from plimsoll.stacks.containers.units import Unit
from plimsoll.stacks.protocol import CommandResult

TOO_LATE = 75
"""The exit code that tells that the old workers went on to take requests (sysexits(3): try again later)."""

REREAD = f"""
serving() {{ grep -lsaP '^nginx: worker(?!.*shutting down)' /proc/[0-9]*/cmdline; }}
before=$(serving)
nginx -t -q 2>&1 && nginx -s reload 2>&1 || exit
for _ in $(seq 100); do
    now=$(serving) && ! echo "$now" | grep -qxF "$before" && exit 0
    sleep 0.05
done
exit {TOO_LATE}
"""
"""All of it inside: to have the engine list what runs there costs a process each time. nginx writes into the title of a
worker that only finishes what it has begun that it is shutting down; to exchange workers takes milliseconds."""


def reread(unit: Unit) -> CommandResult:
    """What nginx said of its configuration as it is now, which it runs unless it refuses it. Raises StackFailed."""
    said = unit.run(["sh", "-c", REREAD])
    if said.code == TOO_LATE:
        fact = f"nginx did not take the configuration over:\n{unit.last_words()}"
        raise StackFailed(fact, hint="the old one still runs")
    return said
