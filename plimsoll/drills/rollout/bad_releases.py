"""The drill of bad releases: each is no good in its own way, has to be noticed, and must not stay with clients."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.drills.host.fleet import Fleet
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.rollout.release import RELEASE, WATCH
from plimsoll.drills.rollout.rolling import rolling
from plimsoll.errors import PlimsollError
from plimsoll.observations.drills.rollouts import BadReleases

SAYS = "releases that are no good, each in its own way, come to clients and are taken back"

BORN: Mapping[str, Mapping[str, str]] = {
    "unready": {"BORN": "unready"},
    "errors": {"BORN": "errors"},
    "lying": {"BORN": "lying"},
    "slow": {"BORN": "slow", "BORN_MS": "2500"},
    "crashing": {"BORN": "crashing", "BORN_MS": "1500"},
    "growing": {"BORN": "growing"},
}
"""What is wrong with each: the stand-in application is born so (fixtures/app/README.md)."""

LONGER = {**WATCH, "WATCH_SECONDS": "6", "START_SECONDS": "6", "READY_SECONDS": "2"}
"""A crash, or memory, takes its time; in a drill both are hurried, as is the watch."""


SECOND, UNLIKE = "second-server", "1.2.0"
"""A release that is well on the first of several servers, and not on the second."""


def bad_releases(theatre: Theatre) -> BadReleases:
    """One bad release after the other; after each, clients have to have what they had."""
    recorder = theatre.recorder("bad releases", SAYS)
    with rolling(theatre, recorder, acts=(RELEASE,)) as stage:
        trouble = ""
        try:
            for number, (name, variables) in enumerate(BORN.items(), start=1):
                version = f"1.1.{number}"
                stage.releases.publish(version, **variables)
                stage.does(name, RELEASE, wanted=version, more=LONGER, refused=True)
            if isinstance(stage.releases, Fleet):
                stage.releases.publish(UNLIKE)
                stage.releases.ails(UNLIKE, stage.rollout.servers[1], BORN="unready")
                stage.does(SECOND, RELEASE, wanted=UNLIKE, more=LONGER, refused=True)
            stage.counts()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return stage.told(BadReleases, trouble=trouble)
