"""The drill of canaries: a good one has its share of the clients and gets them all, a bad one is stopped."""

from __future__ import annotations

from plimsoll.drills.release import ROLL_BACK, WATCH
from plimsoll.drills.rolling import rolling
from plimsoll.drills.stage import Theatre
from plimsoll.errors import PlimsollError
from plimsoll.observations.drills.rollouts import Canary

SAYS = "a release comes to a share of the clients, and to all of them; another one is no good for its share"
CANARY, PROMOTE, STOP = "canary", "promote-canary", "stop-canary"
GOOD, BAD = "1.1.0", "1.2.0"

ANSWERS = 450
"""So many that a share of 10 % is known to three points of a hundred, 95 times of a hundred (exact binomial)."""

HARMED = 200
"""Answers while a bad canary stands: enough to see whether it harms its share, or everybody."""


def canaries(theatre: Theatre) -> Canary:
    """A canary whose share is counted, promoted and taken back; then one that only clients find bad, stopped."""
    recorder = theatre.recorder("canary", SAYS)
    with rolling(theatre, recorder, acts=(CANARY, PROMOTE, STOP, ROLL_BACK)) as stage:
        rollout = stage.rollout
        trouble = ""
        try:
            stage.releases.publish(GOOD)
            stage.does(CANARY, CANARY, wanted=GOOD, more=WATCH, alike=False)
            stage.stands("share", answers=ANSWERS)
            stage.does("promote", PROMOTE, wanted=GOOD, more=WATCH)
            stage.does(ROLL_BACK, ROLL_BACK, wanted=rollout.version)
            stage.releases.publish(BAD, BORN="errors", BORN_ROUTE=stage.witness.caller.records)
            stage.does("bad-canary", CANARY, wanted=BAD, more=WATCH, alike=False)
            stage.stands("harm", answers=HARMED)
            stage.does("stop", STOP, wanted=rollout.version)
            stage.counts()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return stage.told(Canary, trouble=trouble)
