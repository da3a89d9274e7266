import hashlib
import uuid

import pytest

from tests.app.processes import App

CONTENT = bytes(range(256)) * 100
LIMIT = 100_000


@pytest.mark.parametrize("form", [True, False])
def test_a_file_comes_back_as_it_was(app: App, members: list[str], form: bool) -> None:
    if form:
        sent = app.ask("POST", "/api/uploads", token=members[0], files={"file": ("a.bin", CONTENT)})
    else:
        sent = app.ask("POST", "/api/uploads", token=members[0], data=CONTENT)
    back = app.ask("GET", f"/api/uploads/{sent.json()['id']}", token=members[0], replica=1)

    assert sent.status_code == 201
    assert (sent.json()["sha256"], sent.json()["size"]) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    assert (back.status_code, back.content) == (200, CONTENT)
    assert back.headers["Content-Disposition"].startswith("attachment")
    assert back.headers["Cache-Control"].startswith("private")


def test_a_file_is_for_its_owner_and_admins(app: App, admin: str, members: list[str]) -> None:
    path = app.ask("POST", "/api/uploads", token=members[0], data=CONTENT).headers["Location"]
    statuses = [app.ask("GET", path, token=token).status_code for token in ("", members[1], admin)]
    assert statuses == [401, 403, 200]
    assert app.ask("GET", f"/api/uploads/{uuid.uuid4()}", token=admin).status_code == 404
    assert app.ask("POST", "/api/uploads", data=CONTENT).status_code == 401


def test_a_file_over_the_limit_is_refused(app: App, admin: str) -> None:
    """As a body of declared length, as a chunked body, and as a form; exactly the limit is accepted."""
    large = b"x" * (LIMIT + 1)
    answers = [
        app.ask("POST", "/api/uploads", token=admin, data=large),
        app.ask("POST", "/api/uploads", token=admin, data=iter([large[:LIMIT], b"x"])),
        app.ask("POST", "/api/uploads", token=admin, files={"file": ("a", large)}),
        app.ask("POST", "/api/uploads", token=admin, files={"file": ("a", large * 3)}),
        app.ask("POST", "/api/uploads", token=admin, data=large[:LIMIT]),
    ]
    assert [answer.status_code for answer in answers] == [413, 413, 413, 413, 201]


def test_a_form_without_a_file_is_refused(app: App, admin: str) -> None:
    answer = app.ask("POST", "/api/uploads", token=admin, files={"note": (None, "text")})
    assert (answer.status_code, answer.json()["message"]) == (400, "the form holds no file")
