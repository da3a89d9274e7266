"""The drill of canaries: a bad one is stopped, a good one has its share of the clients and gets them all."""

from __future__ import annotations

from plimsoll.drills.protocol import Theatre
from plimsoll.drills.rollout.release import WATCH
from plimsoll.drills.rollout.rolling import rolling
from plimsoll.errors import PlimsollError
from plimsoll.observations.drills.rollouts import Canary

SAYS = "a release that is no good comes to a share of the clients, then one that all of them get"
CANARY, PROMOTE, STOP = "canary", "promote-canary", "stop-canary"
BAD, GOOD = "1.1.0", "1.2.0"

ANSWERS = 450
"""So many that a share of 10 % is known to three points of a hundred, 95 times of a hundred (exact binomial)."""

HARMED = 200
"""Answers while a bad canary stands: enough to see whether it harms its share, or everybody."""

STOPPED = 120
"""Answers after it was stopped, of which a canary that was not would give a dozen."""


def canaries(theatre: Theatre) -> Canary:
    """A canary that only clients find bad, stopped; then one whose share of the clients is counted, promoted."""
    recorder = theatre.recorder("canary", SAYS)
    with rolling(theatre, recorder, acts=(CANARY, PROMOTE, STOP)) as stage:
        trouble = ""
        try:
            stage.releases.publish(BAD, BORN="errors", BORN_ROUTE=stage.witness.caller.records)
            stage.does("bad-canary", CANARY, wanted=BAD, more=WATCH, alike=False)
            stage.stands("harm", answers=HARMED)
            stage.does("stop", STOP, wanted=stage.rollout.version)
            stage.stands("stopped", answers=STOPPED)
            stage.releases.publish(GOOD)
            stage.does(CANARY, CANARY, wanted=GOOD, more=WATCH, alike=False)
            stage.stands("share", answers=ANSWERS)
            stage.does("promote", PROMOTE, wanted=GOOD, more=WATCH)
            stage.counts()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return stage.told(Canary, trouble=trouble)
