"""The look at TLS goes to the ports that promises speak of, and asks the edge for every host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.looks import LOOKS, Scene
from plimsoll.looks.scene import roles_of
from plimsoll.model import Deployment, Promise
from plimsoll.observations import TlsSurveys
from tests.quiet_stack import QuietStack

VERSIONS = Promise(id="P", rule="tls-versions", area="tls", title="", source="", parameters={"versions": ("TLSv1.3",)})
APP = replace(VERSIONS, parameters={"versions": ("TLSv1.3",), "role": "app"})
BOTH = replace(VERSIONS, rule="traffic-encrypted", parameters={"roles": ("edge", "app")})
OTHER = replace(VERSIONS, rule="header-equals", parameters={"role": "app"})
HOSTS = ("site.example", "api.site.example")


@pytest.mark.parametrize(("promise", "roles"), [(VERSIONS, ("edge",)), (APP, ("app",)), (BOTH, ("edge", "app"))])
def test_promises_name_their_roles(promise: Promise, roles: tuple[str, ...]) -> None:
    """A promise speaks of the edge unless it says otherwise."""
    assert roles_of(promise) == roles


@pytest.mark.parametrize(
    ("promises", "places"),
    [
        ((VERSIONS,), [("edge", "site.example"), ("edge", "api.site.example")]),
        ((VERSIONS, OTHER), [("edge", "site.example"), ("edge", "api.site.example")]),
        ((APP,), [("app", "site.example")]),
        ((BOTH,), [("edge", "site.example"), ("edge", "api.site.example"), ("app", "site.example")]),
    ],
)
def test_ports_and_hosts_that_are_asked(promises: tuple[Promise, ...], places: list[tuple[str, str]]) -> None:
    """Of the edge every host is asked for, of other services the port alone; where nobody listens, that is said."""
    deployment = Deployment(name="site", root=Path("/nowhere"), hosts=HOSTS, promises=promises)

    seen = LOOKS[TlsSurveys](Scene.of(deployment, QuietStack()))  # type: ignore[arg-type] # frozen, which a stack need not be

    assert isinstance(seen, TlsSurveys)
    assert [(survey.role, survey.host) for survey in seen.surveys] == places
    assert (seen.amount, "connection refused by 127.0.0.1:1" in seen.trouble) == (0, True)
