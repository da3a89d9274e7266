"""The drill of a release: a good one comes to clients under traffic, and is taken back."""

from __future__ import annotations

from plimsoll.drills.protocol import Theatre
from plimsoll.drills.rollout.rolling import rolling
from plimsoll.errors import PlimsollError
from plimsoll.observations.drills.rollouts import Release

SAYS = "a release comes to clients while they write and read, and is taken back"
NEXT, NOWHERE = "1.1.0", "9.9.9"
"""A release that there is, and one that nobody has published."""

WATCH = {"WATCH_SECONDS": "2", "START_SECONDS": "12", "READY_SECONDS": "6"}
"""How long a release is watched, and waited for, in a drill, where the deployment takes a minute or so for each."""

RELEASE, ROLL_BACK = "release", "roll-back"


def good_release(theatre: Theatre) -> Release:
    """Back to nothing, a release that is nowhere, one that there is, the same again, back, and back once more."""
    recorder = theatre.recorder("release", SAYS)
    with rolling(theatre, recorder, acts=(RELEASE, ROLL_BACK)) as stage:
        stage.releases.publish(NEXT)
        trouble = ""
        try:
            stage.does("back-to-nothing", ROLL_BACK, refused=True)
            stage.does("unknown-release", RELEASE, wanted=NOWHERE, more=WATCH, refused=True)
            stage.does(RELEASE, RELEASE, wanted=NEXT, more=WATCH)
            stage.does("same-again", RELEASE, wanted=NEXT, more=WATCH, refused=True)
            stage.does(ROLL_BACK, ROLL_BACK, wanted=stage.rollout.version)
            stage.does("back-twice", ROLL_BACK, refused=True)
            stage.counts()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return stage.told(Release, trouble=trouble)
