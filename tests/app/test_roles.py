"""Three roles on the shared database, and what each may do."""

from collections.abc import Callable

import pytest

from tests.app.conftest import PASSWORD, Launch
from tests.app.processes import App

OWNER = "owner@nestmap.test"
ROLES = {"ROLES": "owner,admin,member", "BOOTSTRAP_ADMIN_EMAIL": OWNER}

People = dict[str, str]


@pytest.fixture
def house(launch: Launch) -> Callable[..., tuple[App, People]]:
    """Starts an application with three roles; the tokens of an owner, an administrator and two members."""

    def start(**settings: str) -> tuple[App, People]:
        app = launch("--migrate", **ROLES, **settings)
        tokens = {"owner": app.login(OWNER, PASSWORD)}
        for name, role in (("boss", "admin"), ("carl", "member"), ("dora", "member")):
            new = {"email": f"{name}@nestmap.test", "password": PASSWORD, "role": role}
            made = app.ask("POST", "/api/users", token=tokens["owner"], json=new)
            assert made.status_code in {201, 409}, made.text  # the database is shared
            tokens[name] = app.login(new["email"], PASSWORD)
        return app, tokens

    return start


def test_each_role_may_do_what_the_table_says(house: Callable[..., tuple[App, People]]) -> None:
    """Listing users, adding stronger ones, changing roles, and the records of others."""
    app, tokens = house()
    carl = app.ask("GET", "/api/auth/me", token=tokens["carl"]).json()["id"]
    row = app.ask("POST", "/api/trips", token=tokens["carl"], json={"title": "Carl's"}).json()["id"]
    new = {"email": "new@nestmap.test", "password": PASSWORD, "role": "admin"}

    def answers(method: str, path: str, json: dict[str, str] | None = None) -> list[int]:
        return [
            app.ask(method, path, token=tokens[name], json=json).status_code
            for name in ("dora", "carl", "boss", "owner")
        ]

    assert answers("GET", "/api/users") == [403, 403, 200, 200]
    assert answers("POST", "/api/users", json=new)[:3] == [403, 403, 403]
    assert answers("PUT", f"/api/users/{carl}", json={"role": "member"}) == [403, 403, 403, 200]
    assert answers("GET", f"/api/trips/{row}") == [403, 200, 200, 200]
    assert answers("PUT", f"/api/trips/{row}", json={"title": "Ours"}) == [403, 200, 200, 200]
    assert app.ask("DELETE", f"/api/trips/{row}", token=tokens["dora"]).status_code == 403
    assert app.ask("DELETE", f"/api/trips/{row}", token=tokens["boss"]).status_code == 403
    assert app.ask("DELETE", f"/api/trips/{row}", token=tokens["owner"]).status_code == 204


def test_what_belongs_to_others_can_look_missing(house: Callable[..., tuple[App, People]]) -> None:
    """The answer is the same, word for word, for what is there and for what is not."""
    app, tokens = house(FOREIGN_STATUS="404")
    row = app.ask("POST", "/api/trips", token=tokens["carl"], json={"title": "Carl's"}).json()["id"]

    foreign = app.ask("GET", f"/api/trips/{row}", token=tokens["dora"])
    missing = app.ask("GET", "/api/trips/999999999", token=tokens["dora"])

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json()["message"] == missing.json()["message"]


def test_unchecked_roles_and_owners_are_holes(house: Callable[..., tuple[App, People]]) -> None:
    """The two mistakes exist to be found."""
    app, tokens = house(ROLE_CHECKS="off")
    assert app.ask("GET", "/api/users", token=tokens["dora"]).status_code == 200

    app, tokens = house(OWNERSHIP_CHECKS="off")
    row = app.ask("POST", "/api/trips", token=tokens["carl"], json={"title": "Carl's"}).json()["id"]
    assert app.ask("GET", "/api/users", token=tokens["dora"]).status_code == 403
    assert app.ask("DELETE", f"/api/trips/{row}", token=tokens["dora"]).status_code == 204
