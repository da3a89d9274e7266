"""Signing in with another's account: a real provider's stand-in beside the application."""

from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.app.conftest import Launch
from tests.app.processes import App

PUBLIC = "https://nestmap.test"
BACK = f"{PUBLIC}/api/auth/callback/google"
STATE, SESSION = "__Host-oauth-state", "session"
CLIENT = {"OAUTH_CLIENT_ID": "nestmap-web", "OAUTH_CLIENT_SECRET": "a-secret-of-two"}

Parties = tuple[App, App]


@pytest.fixture
def parties(play: Launch, launch: Launch) -> Parties:
    """The provider, and the application that knows it."""
    provider = play("identity", **CLIENT, OAUTH_REDIRECT_URIS=BACK)
    at = f"http://127.0.0.1:{provider.ports[0]}"
    app = launch(
        PUBLIC_URL=PUBLIC,
        SESSION_COOKIE=SESSION,
        OAUTH_PROVIDERS="google",
        OAUTH_GOOGLE_AUTHORIZE_URL=f"{at}/authorize",
        OAUTH_GOOGLE_TOKEN_URL=f"{at}/token",
        OAUTH_GOOGLE_USERINFO_URL=f"{at}/userinfo",
        OAUTH_GOOGLE_CLIENT_ID=CLIENT["OAUTH_CLIENT_ID"],
        OAUTH_GOOGLE_CLIENT_SECRET=CLIENT["OAUTH_CLIENT_SECRET"],
    )
    return provider, app


def sent_on(answer_of: App, path: str, cookie: str = "") -> tuple[str, SimpleCookie]:
    """Where an answer sends the browser, and the cookies it sets."""
    headers = {"Cookie": cookie} if cookie else {}
    answer = answer_of.ask("GET", path, headers=headers, allow_redirects=False)
    assert answer.status_code in {302, 303}, answer.text
    cookies = SimpleCookie()
    for line in answer.raw.headers.getlist("Set-Cookie"):
        cookies.load(line)
    return answer.headers["Location"], cookies


def path_of(url: str) -> str:
    """Path and query of a URL."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_somebody_signs_in_and_is_who_the_provider_says(parties: Parties) -> None:
    """From the first click to a session, with the callback that was registered; the code works once."""
    provider, app = parties
    told = app.ask("GET", "/api/auth/providers").json()["google"]
    asked, cookies = sent_on(app, f"{urlsplit(told['signinUrl']).path}?next=/board")
    query = parse_qs(urlsplit(asked).query)
    back, _ = sent_on(provider, path_of(asked))
    state = cookies[STATE].value

    end, ours = sent_on(app, path_of(back), f"{STATE}={state}")

    assert (told["callbackUrl"], query["redirect_uri"], query["code_challenge_method"]) == (BACK, [BACK], ["S256"])
    assert (back.startswith(f"{BACK}?"), parse_qs(urlsplit(back).query)["state"]) == (True, [state])
    assert (end, ours[STATE]["max-age"]) == ("/board", "0")
    me = app.ask("GET", "/api/auth/me", headers={"Cookie": f"{SESSION}={ours[SESSION].value}"}).json()
    assert (me["email"], me["role"]) == ("visitor@plimsoll.test", "member")
    again = app.ask("GET", path_of(back), headers={"Cookie": f"{STATE}={state}"}, allow_redirects=False)
    assert (again.status_code, "Set-Cookie" in again.headers) == (400, False)


def test_an_answer_nobody_asked_for_is_refused(parties: Parties) -> None:
    """Without the cookie of this browser, with another's state, or without any: nobody is logged in."""
    provider, app = parties
    asked, cookies = sent_on(app, "/api/auth/signin/google")
    back = path_of(sent_on(provider, path_of(asked))[0])
    state = cookies[STATE].value

    for path, cookie in ((back, ""), (back, f"{STATE}=another"), (back.replace(state, ""), f"{STATE}=")):
        answer = app.ask("GET", path, headers={"Cookie": cookie}, allow_redirects=False)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (400, False)
    assert app.ask("GET", "/api/auth/signin/github", allow_redirects=False).status_code == 404


def test_the_provider_checks_address_client_and_verifier(parties: Parties) -> None:
    """An unregistered callback gets no redirect; a code is worth nothing to anyone else."""
    provider, app = parties
    asked, _ = sent_on(app, "/api/auth/signin/google")
    elsewhere = path_of(asked).replace("nestmap.test", "evil.test")
    refused = provider.ask("GET", elsewhere, allow_redirects=False)
    code = parse_qs(urlsplit(sent_on(provider, path_of(asked))[0]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": "guessed"}

    stranger = provider.ask("POST", "/token", data=form, auth=("nestmap-web", "wrong"))
    guesser = provider.ask("POST", "/token", data=form, auth=("nestmap-web", CLIENT["OAUTH_CLIENT_SECRET"]))

    assert (refused.status_code, "Location" in refused.headers) == (400, False)
    assert (stranger.status_code, guesser.status_code, guesser.json()) == (401, 400, {"error": "invalid_grant"})
    assert provider.ask("GET", "/userinfo").status_code == 401
