"""Each pin of token verification holds by itself, and each setting opens the one hole it names."""

import time
from pathlib import Path

import jwt
import pytest

from tests.app.conftest import Launch
from tests.app.processes import App
from tests.app.test_auth import claims_now, hs256


def forgeries(keys: Path, kid: str) -> dict[str, str]:
    """Tokens with one thing wrong each, by the setting that lets them through."""
    private, public = (keys / "private.pem").read_text(), (keys / "public.pem").read_bytes()
    past, future = int(time.time()) - 60, int(time.time()) + 120

    def signed(kid: str = kid, **changes: object) -> str:
        return jwt.encode(claims_now(**changes), private, algorithm="RS256", headers={"kid": kid})

    return {
        "": signed(),
        "JWT_VERIFY_ISSUER=off": signed(iss="others"),
        "JWT_VERIFY_AUDIENCE=off": signed(aud="others"),
        "JWT_VERIFY_EXPIRY=off": signed(exp=past),
        "JWT_VERIFY_NOT_BEFORE=off": signed(nbf=future),
        "JWT_VERIFY_KID=off": signed(kid="another"),
        "JWT_ALGORITHMS=RS256,none": jwt.encode(claims_now(), "", algorithm="none"),
        "JWT_ALGORITHMS=RS256,HS256": hs256(claims_now(), public),
    }


def kid_of(token: str) -> str:
    """The key that a token names."""
    return str(jwt.get_unverified_header(token)["kid"])


HOLES = [
    "JWT_VERIFY_ISSUER=off",
    "JWT_VERIFY_AUDIENCE=off",
    "JWT_VERIFY_EXPIRY=off",
    "JWT_VERIFY_NOT_BEFORE=off",
    "JWT_VERIFY_KID=off",
    "JWT_ALGORITHMS=RS256,none",
    "JWT_ALGORITHMS=RS256,HS256",
]


@pytest.mark.parametrize("hole", ["", *HOLES])
def test_one_setting_opens_one_hole(launch: Launch, keys: Path, admin: str, hole: str) -> None:
    """The right token is always accepted, and of the forged ones only the one the setting lets through."""
    name, _, value = hole.partition("=")
    app = launch(**({name: value} if hole else {}))
    accepted = {
        lacking
        for lacking, token in forgeries(keys, kid_of(admin)).items()
        if app.ask("GET", "/api/trips", token=token).status_code == 200
    }
    assert accepted == {"", hole}


def test_the_key_set_verifies_what_was_signed(app: App, admin: str) -> None:
    """Anybody can check a token with what the application publishes, and nothing private is in it."""
    answer = app.ask("GET", "/api/auth/jwks")
    published = answer.json()["keys"]

    assert [sorted(key) for key in published] == [["alg", "e", "kid", "kty", "n", "use"]]
    assert published[0]["kid"] == kid_of(admin)
    key = jwt.PyJWK(published[0]).key
    assert jwt.decode(admin, key, algorithms=["RS256"], audience="nestmap-users")["iss"] == "nestmap"
