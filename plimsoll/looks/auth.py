"""How it comes about what somebody who logs in is given, and what forgeries of it get."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from plimsoll.errors import OutOfReach
from plimsoll.looks.scene import Scene
from plimsoll.observations import (
    Doors,
    Forgeries,
    LoggedIn,
    Observation,
    PathModes,
    Rights,
    SignIn,
    SignInTrial,
    SshServer,
    StatedSecrets,
    Trial,
)
from plimsoll.probes.auth import (
    doors,
    logins,
    rights,
    signin,
    sshd,
    tokens,
    trials,
)
from plimsoll.probes.auth.forgery import NOBODY, Forger
from plimsoll.probes.auth.logins import HANDED_OVER, Login
from plimsoll.probes.auth.lure import Lure, lure
from plimsoll.probes.auth.tokens import PrivateKey, PublicKey, Token
from plimsoll.probes.files import environments, modes
from plimsoll.stacks.protocol import Grounded, Signing, endpoint_of

ROLES = ("admin", "member")
"""The roles of an application whose promises name none, strongest first."""


def _log_in(scene: Scene) -> Login:
    return logins.log_in(scene.stack, scene.deployment, scene.visitors, token=os.environ.get(HANDED_OVER, ""))


def _signing_key(scene: Scene) -> PrivateKey | None:
    return tokens.private_key(scene.stack.signing_key.read_bytes()) if isinstance(scene.stack, Signing) else None


def _verifying_key(scene: Scene, token: Token | None) -> PublicKey | None:
    """The key that verifies the token: of the signing key if it is ours, else as the deployment publishes it."""
    private = _signing_key(scene)
    if private is not None and not isinstance(private, bytes):
        return private.public_key()
    kid = token.header.get("kid") if token else None
    return logins.published_key(scene.stack, scene.deployment, scene.visitors, kid)


def _logged_in(scene: Scene) -> LoggedIn:
    given = _log_in(scene)
    return given.observed(_verifying_key(scene, given.token))


def _forgeries(scene: Scene) -> Forgeries:
    given = _log_in(scene)
    token, session = given.token, next((cookie for cookie in given.cookies if tokens.parse(cookie.value)), None)
    inside = tokens.parse(session.value) if session else None
    if token is None and inside is None:
        raise OutOfReach("what the login gives is no signed token that could be forged")
    other = {"the refresh token": given.refresh} if given.refresh else {}
    seen = {
        "token": _trial(scene, "private", trials.bearer, token, other) if token else None,
        "session": _trial(scene, "session", trials.cookie(session.name), inside, {}) if session and inside else None,
    }
    return Forgeries(**seen, seen_at=datetime.now(UTC))


def _trial(scene: Scene, kind: str, carry: trials.Carry, genuine: Token, others: Mapping[str, str]) -> Trial:
    edge = endpoint_of(scene.stack, "edge")
    scene.path("private")
    host, path = scene.deployment.place(kind if kind in scene.deployment.paths else "private")
    own = tokens.strangers_key("RS256")
    assert not isinstance(own, bytes)  # noqa: S101 - RS256 takes no secret
    forger = Forger(
        genuine=genuine,
        now=datetime.now(UTC).timestamp(),
        public=_verifying_key(scene, genuine),
        private=_signing_key(scene),
        own=own,
    )
    with ExitStack() as stack:
        bait: Lure | None = None
        if scene.stack.intrusive:  # nobody else's server is lured anywhere
            with suppress(OSError):  # without an address of our own there is nowhere to lure it to
                keys = {"keys": [tokens.jwk(own.public_key(), kid=NOBODY, alg="RS256", use="sig")]}
                bait = stack.enter_context(lure(edge.address, keys))
        forger = replace(forger, lure=bait.url if bait else "")
        seen = trials.trial(
            lambda headers: scene.visitors.client(edge).exchange("forgery", "GET", path, headers=headers, host=host),
            carry,
            genuine.text,
            forger.forgeries(),
            resigned=forger.resigned(),
            others=others,
            untried=forger.untried,
        )
        return replace(seen, lured=bool(bait and bait.asked))


def _rights(scene: Scene) -> Rights:
    scene.may_intrude("adding users and records")
    stated = [p.parameters["roles"] for p in scene.deployment.promises if p.rule == "roles-enforced"]
    roles = cast(tuple[str, ...], stated[0]) if stated else ROLES
    return rights.Trial(scene.stack, scene.deployment, scene.visitors).rights(roles)


def _ssh_server(scene: Scene) -> SshServer:
    live = scene.deployment.live
    if scene.stack.kind == "live" and live and live.ssh:
        return sshd.on_live(live, scene.deployment.root)
    if not isinstance(scene.stack, Grounded):
        raise OutOfReach(f"a {scene.stack.kind} stack has no host to log in to", hint='[live] ssh = "user@host:port"')
    ground = scene.stack.ground()
    with ground.alone:
        return sshd.on_ground(ground, scene.deployment, scene.stack.artefacts)


def _provider(scene: Scene) -> str:
    """The provider that a promise names."""
    stated = [p.parameters["provider"] for p in scene.deployment.promises if p.rule.startswith("sign-in-")]
    return str(stated[0]) if stated else ""


def _path_modes(scene: Scene) -> PathModes:
    live = scene.deployment.live
    if scene.stack.kind == "live" and live and live.ssh:
        stated = [p.parameters["paths"] for p in scene.deployment.promises if p.rule == "paths-guarded"]
        paths = dict.fromkeys(path for each in stated for path in cast(tuple[str, ...], each))
        return modes.seen(live, scene.deployment.root, tuple(paths))
    return modes.stated(scene.deployment, scene.stack.artefacts)


LOOKS: Mapping[type[Observation], Callable[[Scene], Observation]] = {
    LoggedIn: _logged_in,
    Doors: lambda scene: doors.survey(scene.stack, scene.deployment, deadline=scene.deadline),
    Forgeries: _forgeries,
    Rights: _rights,
    SignIn: lambda scene: signin.survey(scene.stack, scene.deployment, scene.visitors, _provider(scene)),
    SignInTrial: lambda scene: signin.trial(
        scene.stack, scene.deployment, scene.visitors, _provider(scene), deadline=scene.deadline
    ),
    SshServer: _ssh_server,
    PathModes: _path_modes,
    StatedSecrets: lambda scene: environments.survey(scene.deployment, scene.stack.artefacts),
}
ALONE = ()
DEEP = (Forgeries, Rights, SignInTrial, SshServer)
