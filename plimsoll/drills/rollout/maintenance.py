"""The drill of the maintenance page: put up while clients write and read, asked for in many ways, and taken away."""

from __future__ import annotations

from plimsoll.drills.clients.visitor import JSON, Caller, Visitor
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.rollout.rolling import Rolling, rolling
from plimsoll.errors import CouldNotLook, PlimsollError
from plimsoll.observations import HttpExchange
from plimsoll.observations.drills.rollouts import CLOSED, Change, Maintenance, Page
from plimsoll.wait import NotReady, wait_until

SAYS = "the maintenance page is put up while clients write and read, and is taken away again"
BEGIN, END = "begin-maintenance", "end-maintenance"
PATHS = ("page", "public", "private", "login", "missing", "static", "websocket")
"""Ways in which clients ask; those that the deployment names."""

ANSWERS, STANDS_SECONDS = 60, 10.0
"""Answers of the witness while the page stands: a second of them, and how long they may take."""

OWN_SERVER = (b"<center>nginx", b"<h1>503 Service Unavailable</h1>")
"""What is written on the pages of nginx and HAProxy where nobody has made others."""


def maintenance(theatre: Theatre) -> Maintenance:
    """The page is begun, asked for by everybody, and ended."""
    recorder = theatre.recorder("maintenance", SAYS)
    with rolling(theatre, recorder, acts=(BEGIN, END)) as stage:
        trouble = ""
        pages: list[Page] = []
        health: list[Page] = []
        try:
            _begins(stage)
            pages, health = _asked_for(stage), _healthy(stage)
            _stands(stage)
            stage.does(END, END)
            stage.counts()
        except PlimsollError as error:
            trouble = error.fact
            recorder.note(trouble)
        return stage.told(Maintenance, trouble=trouble, pages=tuple(pages), health=tuple(health))


def _begins(stage: Rolling) -> None:
    """The page is put up. Nobody waits for clients to be served well then."""
    before, began = stage.version(), stage.recorder.now
    with stage.recorder.phase(BEGIN):
        done = stage.rehearsal.operator.does(BEGIN)
    ended = stage.recorder.now
    stage.changes.append(
        Change(
            name=BEGIN,
            command=done.command,
            code=done.code,
            output=done.output,
            began=began,
            ended=ended,
            settled=ended,  # all that are turned away are answered
            before=before,
            after=before,
            runs=dict(stage.releases.running),
            meant=CLOSED,
        )
    )


def _stands(stage: Rolling) -> None:
    """The page stands until clients have had so many answers more. Raises CouldNotLook."""
    since = stage.recorder.now

    def enough() -> bool:
        return sum(1 for read in stage.witness.testimony.reads if read.at >= since) >= ANSWERS

    try:
        wait_until(enough, timeout=STANDS_SECONDS, what=f"{ANSWERS} answers")
    except NotReady as error:
        raise CouldNotLook(str(error.args[0])) from error


def _asked_for(stage: Rolling) -> list[Page]:
    """What clients get who ask anew: for every kind of page, and to write."""
    deployment, caller = stage.rehearsal.deployment, stage.witness.caller
    visitor = Visitor(caller)
    paths = [deployment.place(name)[1] for name in PATHS if name in deployment.paths]
    found = [_page(f"GET {path}", visitor.once("GET", path, (), b"")) for path in dict.fromkeys(paths)]
    found.append(_page(f"POST {caller.records}", visitor.once("POST", caller.records, JSON, b"{}")))
    visitor.close()
    return found


def _healthy(stage: Rolling) -> list[Page]:
    """What the operator gets who asks for health: of the edge, and of the application at its own port."""
    rehearsal, deployment = stage.rehearsal, stage.rehearsal.deployment
    if "health" not in deployment.paths:
        return []
    found, path = [], deployment.place("health")[1]
    for where, caller in (("the edge", stage.witness.caller), ("", Caller(rehearsal.stack, deployment))):
        visitor = Visitor(caller)
        found.append(_page(f"GET {path} of {where or caller.service.role}", visitor.once("GET", path, (), b"")))
        visitor.close()
    return found


def _page(asked: str, told: HttpExchange) -> Page:
    return Page(
        asked=asked,
        status=told.status,
        retry_after=next(iter(told.values("Retry-After")), ""),
        own=bool(told.body.strip()) and not any(text in told.body for text in OWN_SERVER),
        trouble=told.trouble,
    )
