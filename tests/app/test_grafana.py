import requests

from tests.app.conftest import Launch
from tests.app.processes import App

OWN = "of my own"


def log_in(app: App, password: str) -> requests.Response:
    """The answer to a login as the administrator."""
    return app.ask("POST", "/login", json={"user": "admin", "password": password})


def test_only_the_administrators_own_password_opens_it(play: Launch) -> None:
    """By the login form and by basic authentication; the password everybody knows is refused."""
    app = play("grafana", GF_SECURITY_ADMIN_PASSWORD=OWN)

    assert app.ask("GET", "/api/health").json()["database"] == "ok"
    assert app.ask("GET", "/login").headers["Content-Type"].startswith("text/html")
    assert [log_in(app, password).status_code for password in ("admin", OWN)] == [401, 200]
    app.session.cookies.clear()
    assert app.ask("GET", "/api/org").status_code == 401
    assert app.ask("GET", "/api/org", auth=("admin", "admin")).status_code == 401
    assert app.ask("GET", "/api/org", auth=("admin", OWN)).json()["name"] == "Main Org."
    assert app.stop() == 0


def test_nobody_changed_the_password(play: Launch) -> None:
    """As installed, everybody may enter; a session opens what the password opened."""
    app = play("grafana")
    assert log_in(app, "admin").status_code == 200
    assert app.ask("GET", "/api/org").status_code == 200
