"""The drill of the way off the host: the store cannot be reached, is slow, is full, lets nobody in."""

from __future__ import annotations

import json

from plimsoll.drills.backup.failures import BACKUP, FILE, backups_of
from plimsoll.drills.cloud.roads import full_store, slow_road
from plimsoll.drills.host.commands import Done
from plimsoll.drills.protocol import Theatre
from plimsoll.drills.stage.attempting import Attempting, NotLanded, next_second
from plimsoll.drills.stage.rehearsal import Rehearsal, rehearsed
from plimsoll.drills.stage.seed import seed
from plimsoll.errors import CouldNotLook, NothingOfTheKind
from plimsoll.observations.drills import OffsiteTroubles
from plimsoll.observations.drills.troubles import DENIED, NO_SPACE, SLOW, UNREACHABLE
from plimsoll.stacks.processes.programs import LOOPBACK, free_ports

SAYS = "a backup whose copy cannot be sent off the host says so, and keeps the local one"
ENDPOINT = "AWS_ENDPOINT_URL"
SECONDS = 180.0
"""Until a backup that does not give up is ended: longer than anybody promises."""

SCALE = 0.2
"""Of the usual data: what is slow here is the way."""

DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}


def offsite_troubles(theatre: Theatre) -> OffsiteTroubles:
    """A good backup first, here and in the store; then every trouble on the way there."""
    recorder = theatre.recorder("off-site troubles", SAYS)
    with rehearsed(theatre, recorder) as rehearsal:
        rehearsal.operator.needs(BACKUP)
        rehearsal.operator.made(BACKUP)
        if not rehearsal.bucket:
            raise NothingOfTheKind("backups are not copied off the host: the scripts name no bucket")
        seed(rehearsal.stack, theatre.deployment, scale=theatre.scale * SCALE, uploads=False)
        attempting = Attempting(rehearsal, lambda: backups_of(rehearsal), leaves=FILE)
        drill = _Drill(rehearsal)
        if attempting.works(lambda: rehearsal.operator.does(BACKUP, seconds=SECONDS)):
            if not rehearsal.store.ours:
                del drill.attempts[DENIED]
                attempting.untried[DENIED] = "the store is somebody's own: its policies are left alone"
            for name, act in drill.attempts.items():
                next_second()
                attempting.tries(name, act)
        return attempting.told(OffsiteTroubles)


class _Drill:
    """The attempts, each a method that says how the command ended and by what its fault is known to have been there."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self.attempts = {
            UNREACHABLE: self._unreachable,
            SLOW: self._slow,
            NO_SPACE: self._out_of_space,
            DENIED: self._denied,
        }

    def _by(self, endpoint: str) -> Done:
        return self._rehearsal.operator.does(BACKUP, seconds=SECONDS, more={ENDPOINT: endpoint})

    def _unreachable(self) -> tuple[Done, str]:
        port = free_ports(1)[0]
        return self._by(f"http://{LOOPBACK}:{port}"), f"nobody listens on port {port}"

    def _slow(self) -> tuple[Done, str]:
        with slow_road(self._rehearsal.store.endpoint) as road:
            done = self._by(road.url)
            if not road.asked:
                raise NotLanded("nothing was sent to the store")
            return done, f"each piece of the {road.asked} connections to the store took {road.delay:g} s"

    def _out_of_space(self) -> tuple[Done, str]:
        with full_store() as store:
            done = self._by(store.url)
            if not store.asked:
                raise NotLanded("nothing was sent to the store")
            return done, f"the store answered {store.asked} requests with 507 XMinioStorageFull"

    def _denied(self) -> tuple[Done, str]:
        """By the bucket's own policy, which the store enforces."""
        store, bucket = self._rehearsal.store, self._rehearsal.bucket
        statement = {**DENY, "Resource": f"arn:aws:s3:::{bucket}/*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        store.call("s3api", "put-bucket-policy", "--bucket", bucket, "--policy", policy)
        try:
            return self._rehearsal.operator.does(BACKUP, seconds=SECONDS), self._refusal()
        finally:
            store.call("s3api", "delete-bucket-policy", "--bucket", bucket)

    def _refusal(self) -> str:
        """The store's own words to whoever puts something there. Raises NotLanded when it takes it."""
        rehearsal = self._rehearsal
        sample = rehearsal.operator.place("/sample")
        sample.touch()
        try:
            rehearsal.store.put(rehearsal.bucket, "sample", sample)
        except CouldNotLook as error:
            return error.fact
        rehearsal.store.drop(rehearsal.bucket, "sample")
        raise NotLanded("the store takes what its policy denies")
