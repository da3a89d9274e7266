"""What an engine has of a run: containers, networks and volumes, each with the run's label."""

from __future__ import annotations

import subprocess

from plimsoll.errors import PlimsollError
from plimsoll.wait import NotReady, wait_until

LABEL = "plimsoll.run"
"""The label on every container and network of a run; its value is the run's id."""

QUIET_LOOKS = 5
REMOVE_SECONDS = 30.0
"""A container that was just being made may appear after the first looks: so many in a row must find nothing."""


class EngineSilent(PlimsollError):
    """Nobody knows which containers there are."""


def remove_labelled(run_id: str, *, hurried: bool = False) -> bool:
    """Whether what carries this run's label is gone, also what is just being made; two looks at most, if hurried.

    Raises EngineSilent.
    """
    if hurried:
        return not (_removed(run_id) and _removed(run_id))
    try:
        wait_until(
            lambda: _removed(run_id),
            lambda found: not found,
            timeout=REMOVE_SECONDS,
            successes=QUIET_LOOKS,
            what=run_id,
        )
    except NotReady:
        return False
    return True


def _removed(run_id: str) -> list[str]:
    """What carried the run's label at one look, removed as far as that was possible. Raises EngineSilent."""
    wanted = f"label={LABEL}={run_id}"
    everything = []
    for listing, removal in (
        (["ps", "-aq", "--filter", wanted], ["rm", "-fv"]),
        (["network", "ls", "-q", "--filter", wanted], ["network", "rm"]),
        (["volume", "ls", "-q", "--filter", wanted], ["volume", "rm", "-f"]),
    ):
        try:
            found = subprocess.run(["docker", *listing], capture_output=True, text=True, check=True).stdout.split()
        except (OSError, subprocess.CalledProcessError) as error:
            raise EngineSilent(f"no container engine answers: {error}") from error
        if found:
            subprocess.run(["docker", *removal, *found], capture_output=True, check=False)
        everything += found
    return everything
