import base64
import hashlib
import hmac
import json
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.app.conftest import ADMIN, PASSWORD, Launch
from tests.app.processes import App

PRIVATE = {"Cache-Control": "private, no-cache, no-store, must-revalidate", "Pragma": "no-cache", "Expires": "0"}


def claims_now(**changes: object) -> dict[str, object]:
    """The claims of a token that would be accepted, with some changed."""
    now = int(time.time())
    times = {"iat": now, "nbf": now, "exp": now + 60}
    return {"iss": "nestmap", "aud": "nestmap-users", "sub": "1", "role": "admin", "jti": "x", **times, **changes}


def hs256(content: dict[str, object], secret: bytes) -> str:
    """A token signed with a shared secret, without the library's guard against public keys as secrets."""

    def part(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(content).encode())
    return (signed + b"." + part(hmac.digest(secret, signed, hashlib.sha256))).decode()


def test_a_login_issues_a_quarter_of_an_hour_of_rs256(app: App, admin: str, keys: Path) -> None:
    public = (keys / "public.pem").read_text()
    claims = jwt.decode(admin, public, algorithms=["RS256"], issuer="nestmap", audience="nestmap-users")
    assert jwt.get_unverified_header(admin)["alg"] == "RS256"
    assert jwt.get_unverified_header(admin)["kid"]
    assert claims["exp"] - claims["iat"] == 900
    assert set(claims) == {"iss", "aud", "sub", "role", "iat", "nbf", "exp", "jti"}
    assert app.ask("GET", "/api/auth/me", token=admin).json()["email"] == ADMIN


@pytest.mark.parametrize("email", [ADMIN, "nobody@nestmap.test"])
def test_a_wrong_password_and_an_unknown_user_look_the_same(app: App, email: str) -> None:
    answer = app.ask("POST", "/api/auth/login", json={"email": email, "password": "wrong"})
    assert (answer.status_code, answer.json()["message"]) == (401, "email or password is wrong")


def test_a_forged_token_is_refused(app: App, keys: Path) -> None:
    """Algorithm, issuer, audience, time and key are pinned; the same claims signed by our key are accepted."""
    private, public = (keys / "private.pem").read_text(), (keys / "public.pem").read_bytes()
    stranger = rsa.generate_private_key(65537, 2048)
    valid = jwt.encode(claims_now(), private, algorithm="RS256")
    forged = {
        "alg none": jwt.encode(claims_now(), "", algorithm="none"),
        "HS256 with the public key": hs256(claims_now(), public),
        "wrong audience": jwt.encode(claims_now(aud="others"), private, algorithm="RS256"),
        "wrong issuer": jwt.encode(claims_now(iss="others"), private, algorithm="RS256"),
        "expired": jwt.encode(claims_now(exp=int(time.time()) - 1), private, algorithm="RS256"),
        "not yet valid": jwt.encode(claims_now(nbf=int(time.time()) + 120), private, algorithm="RS256"),
        "RS512": jwt.encode(claims_now(), private, algorithm="RS512"),
        "another key": jwt.encode(claims_now(), stranger, algorithm="RS256"),
        "cut signature": valid[:-4],
        "not a token": "hello",
    }
    assert app.ask("GET", "/api/trips", token=valid).status_code == 200
    for name, token in forged.items():
        answer = app.ask("GET", "/api/trips", token=token)
        assert (name, answer.status_code) == (name, 401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_refresh_token_works_once_and_is_replaced(app: App) -> None:
    first = app.ask("POST", "/api/auth/login", json={"email": ADMIN, "password": PASSWORD}).json()["refresh_token"]

    second = app.ask("POST", "/api/auth/refresh", json={"refresh_token": first})
    again = app.ask("POST", "/api/auth/refresh", json={"refresh_token": first})
    third = app.ask("POST", "/api/auth/refresh", json={"refresh_token": second.json()["refresh_token"]}, replica=1)

    assert [second.status_code, again.status_code, third.status_code] == [200, 401, 200]
    assert app.ask("GET", "/api/auth/me", token=third.json()["access_token"]).status_code == 200


def test_only_admins_add_users(app: App, admin: str, members: list[str]) -> None:
    new = {"email": "Ann@nestmap.test", "password": PASSWORD}
    assert app.ask("POST", "/api/users", json=new).status_code == 401
    assert app.ask("POST", "/api/users", token=members[0], json=new).status_code == 403
    assert app.ask("POST", "/api/users", token=admin, json=new).status_code == 409


def test_private_answers_are_never_stored_whatever_their_status(app: App, admin: str, members: list[str]) -> None:
    """200, 401, 403, 404, 405 and 500 alike."""
    mine = app.ask("POST", "/api/trips", token=members[0], json={"title": "Mine"}).json()["id"]
    app.ask("POST", "/api/faults", json={"error_rate": 1, "route": "/api/auth/me", "for_seconds": 30})
    answers = [
        app.ask("GET", "/api/trips", token=admin),
        app.ask("GET", "/api/trips"),
        app.ask("GET", f"/api/trips/{mine}", token=members[1]),
        app.ask("GET", "/api/trips/999999999", token=admin),
        app.ask("PATCH", "/api/trips", token=admin),
        app.ask("GET", "/api/auth/me", token=admin),
    ]
    app.ask("DELETE", "/api/faults")
    assert [answer.status_code for answer in answers] == [200, 401, 403, 404, 405, 500]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in PRIVATE} == PRIVATE


def test_a_token_may_begin_a_little_later(app: App, launch: Launch, keys: Path) -> None:
    """Whoever signed it may have a clock that is ahead; where that is not allowed for, it is refused."""
    private, soon = (keys / "private.pem").read_text(), int(time.time()) + 45
    token = jwt.encode(claims_now(iat=soon, nbf=soon, exp=soon + 60), private, algorithm="RS256")
    strict = launch(JWT_LEEWAY_SECONDS="0")
    assert app.ask("GET", "/api/trips", token=token).status_code == 200
    assert strict.ask("GET", "/api/trips", token=token).status_code == 401
