"""The drill of a server that is added: it gets clients once it is well, and its share of them."""

from __future__ import annotations

from plimsoll.drills.host.fleet import Fleet
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.rollout.release import WATCH
from plimsoll.drills.rollout.rolling import rolling
from plimsoll.errors import NothingOfTheKind, PlimsollError
from plimsoll.observations.drills.rollouts import AddedServer

SAYS = "a server joins those that clients get, and one that is not well does not"
ADD = "add-server"
NOWHERE = "app-99"
"""A server that there is not."""

ANSWERS = 160
"""Reads and writes over which shares are counted: one of four servers gets forty of them."""


def added_server(theatre: Theatre) -> AddedServer:
    """A server that there is not, one that is in use, one that is not well, and then the same when it is well."""
    rollout = theatre.deployment.rollout
    if rollout is not None and ADD in rollout.runbook and not (rollout.servers and rollout.spares):
        raise NothingOfTheKind("the deployment names no server to add", hint='[rollout] spares = ["app-4"]')
    recorder = theatre.recorder("added server", SAYS)
    with rolling(theatre, recorder, acts=(ADD,)) as stage:
        spare, version = stage.rollout.spares[0], stage.rollout.version
        hurried = {**WATCH, "START_SECONDS": "6"}
        trouble, served = "", dict[str, int]()
        try:
            stage.does("nowhere", ADD, server=NOWHERE, more=hurried, refused=True)
            stage.does("in-use", ADD, server=stage.rollout.servers[0], more=hurried, refused=True)
            stage.releases.publish(version, BORN="errors")
            stage.does("unwell", ADD, server=spare, more=hurried, refused=True)
            stage.releases.publish(version)
            stage.does(ADD, ADD, server=spare, wanted=version, more=WATCH)
            if isinstance(stage.releases, Fleet):
                before = stage.releases.answered()
                stage.stands("shares", answers=ANSWERS)
                served = {name: now - before.get(name, 0) for name, now in stage.releases.answered().items()}
            stage.counts()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return stage.told(AddedServer, trouble=trouble, server=spare, served=served)
