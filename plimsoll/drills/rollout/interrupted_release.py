"""The drill of a release whose script is killed half-way: clients go on with one release, and the next change works."""

from __future__ import annotations

from plimsoll.drills.protocol import Theatre
from plimsoll.drills.rollout.release import RELEASE, ROLL_BACK, WATCH
from plimsoll.drills.rollout.rolling import rolling
from plimsoll.errors import PlimsollError
from plimsoll.observations.drills.rollouts import InterruptedRelease

SAYS = "the script of a release is killed while it starts one, and while it leads clients to one"
FIRST, SECOND = "1.1.0", "1.2.0"

STARTING = ("up", "start", "restart", "server reload", "server restart")
"""What a script asks of compose, or of PM2 on a server, so that a release runs."""

SWITCHING = ("test", "reread", "restart")
"""What it asks first when the edge's file is written."""


def interrupted_release(theatre: Theatre) -> InterruptedRelease:
    """Killed while it starts, then done; killed while clients are led to the next, taken back, and then done."""
    recorder = theatre.recorder("interrupted release", SAYS)
    with rolling(theatre, recorder, acts=(RELEASE, ROLL_BACK)) as stage:
        for version in (FIRST, SECOND):
            stage.releases.publish(version)
        trouble = ""
        try:
            stage.killed("killed-starting", RELEASE, at=STARTING, wanted=FIRST, more=WATCH)
            stage.does("release-again", RELEASE, wanted=FIRST, more=WATCH)
            stage.killed("killed-switching", RELEASE, at=SWITCHING, wanted=SECOND, more=WATCH)
            stage.does("back-again", ROLL_BACK, wanted=stage.rollout.version)
            stage.does("release-at-last", RELEASE, wanted=SECOND, more=WATCH)
            stage.counts()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return stage.told(InterruptedRelease, trouble=trouble)
