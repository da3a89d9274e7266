import time
from http.cookies import SimpleCookie

import jwt
import requests

from tests.app.conftest import ADMIN, PASSWORD, Launch
from tests.app.processes import App, wait_until

NAME = "__Host-session"


def logged_in(app: App) -> SimpleCookie:
    """The cookie that a login sets, parsed; the client itself keeps none, as plain HTTP may not carry it."""
    answer = app.ask("POST", "/api/auth/login", json={"email": ADMIN, "password": PASSWORD})
    assert answer.status_code == 200
    return SimpleCookie(answer.headers["Set-Cookie"])


def me(app: App, cookie: str, method: str = "GET", **headers: str) -> requests.Response:
    """Who the application takes the bearer of that cookie for."""
    sent = {"Cookie": f"{NAME}={cookie}", **headers}
    if method == "GET":
        return app.ask("GET", "/api/auth/me", headers=sent)
    return app.ask(method, "/api/trips", headers=sent, json={"title": "By cookie"})


def test_a_login_begins_a_session_that_ends(launch: Launch) -> None:
    """Cookie and token end together; scripts never see the cookie, plain HTTP never carries it."""
    app = launch(SESSION_COOKIE=NAME, SESSION_SECONDS="2")
    morsel = logged_in(app)[NAME]
    claims = jwt.decode(morsel.value, options={"verify_signature": False})

    assert (morsel["path"], morsel["max-age"], morsel["samesite"], morsel["domain"]) == ("/", "2", "Lax", "")
    assert (morsel["secure"], morsel["httponly"]) == (True, True)
    assert claims["exp"] - claims["iat"] == 2
    assert claims["exp"] - time.time() < 2
    assert me(app, morsel.value).json()["email"] == ADMIN
    assert me(app, morsel.value[:-4]).status_code == 401
    wait_until(lambda: me(app, morsel.value).status_code == 401, error="the session never ended")


def test_other_sites_cannot_use_a_session(launch: Launch) -> None:
    """A browser says where a request comes from; ours may change something, others may not."""
    app = launch(SESSION_COOKIE=NAME)
    cookie = logged_in(app)[NAME].value

    assert me(app, cookie, "POST", Origin="https://evil.test").status_code == 403
    assert me(app, cookie, "POST", Origin="null").status_code == 403
    assert me(app, cookie, "POST", **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert me(app, cookie, "POST", Origin="https://nestmap.test").status_code == 201
    assert me(app, cookie, "POST", Origin=f"http://127.0.0.1:{app.ports[0]}").status_code == 201
    assert me(app, cookie, "POST").status_code == 201


def test_without_a_name_there_is_no_session(app: App, admin: str) -> None:
    answer = app.ask("POST", "/api/auth/login", json={"email": ADMIN, "password": PASSWORD})
    assert "Set-Cookie" not in answer.headers
    assert me(app, admin).status_code == 401


def test_a_careless_cookie_says_what_the_setting_says(launch: Launch) -> None:
    morsel = logged_in(launch(SESSION_COOKIE="session", SESSION_ATTRIBUTES="Path=/; SameSite=None"))["session"]
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == ("", "", "None")
