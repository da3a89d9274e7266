"""Forgeries of tokens: whoever checks all lets none in, and whoever leaves one check out lets in what lacks that."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plimsoll.observations import Attempt, Trial
from plimsoll.probes.auth import tokens, trials
from plimsoll.probes.auth.forgery import BY_THE_RIGHT_KEY, NOBODY, Forger
from plimsoll.probes.auth.lure import lure
from plimsoll.probes.auth.tokens import PrivateKey
from plimsoll.probes.wire import Client
from plimsoll.stacks.protocol import Endpoint
from tests.probes import gullible

NOW = int(datetime.now(UTC).timestamp())


def tried(check: gullible.Check, *, private: PrivateKey | None = gullible.KEY) -> Trial:
    """What became of all forgeries at a server with that check."""
    genuine = tokens.parse(gullible.genuine(NOW))
    own = tokens.strangers_key("RS256")
    assert genuine
    assert not isinstance(own, bytes)
    with (
        gullible.serving(check) as address,
        lure(address, {"keys": [tokens.jwk(own.public_key(), kid=NOBODY, alg="RS256")]}) as bait,
    ):
        client = Client(Endpoint(role="app", scheme="http", host="localhost", port=80, address=address))
        forger = Forger(genuine=genuine, now=NOW, public=gullible.PUBLIC, private=private, lure=bait.url, own=own)
        seen = trials.trial(
            lambda headers: client.exchange("forgery", "GET", "/", headers=headers),
            trials.bearer,
            genuine.text,
            forger.forgeries(),
            resigned=forger.resigned(),
            untried=forger.untried,
        )
        return replace(seen, lured=bait.asked)


def names(attempts: list[Attempt]) -> set[str]:
    return {attempt.lacks for attempt in attempts}


def test_a_strict_server_lets_no_forgery_in() -> None:
    """The controls hold, and every forgery is refused."""
    trial = tried(gullible.strict)

    assert [a.status for a in (trial.anonymous, trial.genuine, trial.afterwards)] == [401, 200, 200]
    assert trial.resigned
    assert trial.resigned.status == 200
    assert [a.where for a in trial.attempts if not a.refused] == []
    assert names(list(trial.attempts)) > set(BY_THE_RIGHT_KEY)
    assert (trial.untried, trial.lured) == ({}, False)


@pytest.mark.parametrize("flaw", gullible.FLAWS)
def test_a_check_left_out_lets_in_what_lacks_it(flaw: str) -> None:
    """Each flaw is seen by the forgeries made for it, and by no others."""
    check, lacking = gullible.FLAWS[flaw]

    trial = tried(check)

    assert names([a for a in trial.attempts if a.let_in]) == lacking
    assert trial.genuine.let_in


def test_a_server_that_fetches_keys_is_seen_fetching() -> None:
    """Also where it does not use what it fetched, the visit is remembered."""
    assert tried(gullible.FLAWS["fetched"][0]).lured


def test_without_the_signing_key_less_can_be_tried() -> None:
    """What only the holder of the key can forge is named as untried."""
    trial = tried(gullible.strict, private=None)

    assert trial.untried.keys() == set(BY_THE_RIGHT_KEY)
    assert trial.resigned is None
    assert names(list(trial.attempts)) == {"signature", "key confusion", "embedded key"}


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c", "e30.W10.", "e30.e30.!", "....", "e30.e30.a", "é.é.é", "W" * 5000 + ".e30."]
)
def test_what_is_no_token_is_none(text: str) -> None:
    """Whatever a server gives for a token is read without raising."""
    found = tokens.parse(text)

    assert found is None or tokens.parse(found.text)


def test_well_known_secrets_are_found_offline() -> None:
    """An HMAC with a secret from a guide is as good as none; one of one's own is not found."""
    claims = {"sub": "1"}
    weak = tokens.made({"alg": "HS256"}, claims, b"your_super_secure_jwt_secret")
    strong = tokens.made({"alg": "HS256"}, claims, b"k8Qe2vJYw0sQmTn4uYb3pZr7xCdA9fLh")

    assert tokens.read(weak).guessed
    assert not tokens.read(strong).guessed


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b'{"keys": 1}', b"[" * 100_000]
)
def test_a_document_without_a_key_publishes_none(document: bytes) -> None:
    """Whatever is published, no key is found where there is none."""
    assert tokens.published_key(document, "first") is None


def test_a_published_key_is_found_by_its_id() -> None:
    """The key of the token's kid, among others."""
    other = tokens.strangers_key("RS256")
    assert not isinstance(other, bytes)
    keys = [tokens.jwk(other.public_key(), kid="second"), tokens.jwk(gullible.PUBLIC, kid="first")]
    found = tokens.published_key(json.dumps({"keys": keys}).encode(), "first")

    assert found == gullible.PUBLIC
