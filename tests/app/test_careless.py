"""What answers carry, and the careless settings that exist to be found."""

import pytest

from tests.app.conftest import Launch
from tests.app.processes import App

SCRIPT = "<script>alert(1)</script>"


def test_the_application_sends_the_headers_it_is_told_to(launch: Launch) -> None:
    """On pages, API answers and errors alike; an empty value takes one away."""
    told = "X-Frame-Options: DENY | Referrer-Policy: strict-origin-when-cross-origin|X-Content-Type-Options:"
    app = launch(APP_HEADERS=told, HELMET_CSP="true")
    for path in ("/", "/api/public/trips", "/api/trips", "/nowhere", "/health"):
        headers = app.ask("GET", path).headers
        assert (headers["X-Frame-Options"], headers["Referrer-Policy"]) == ("DENY", "strict-origin-when-cross-origin")
        assert not {"X-Content-Type-Options", "X-Powered-By", "Server"} & set(headers)
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_large_answers_are_compressed_for_who_can_read_them(launch: Launch) -> None:
    app = launch(COMPRESS="on", COMPRESS_MIN="200")
    zipped = app.ask("GET", "/api/public/trips", headers={"Accept-Encoding": "gzip"})
    plain = app.ask("GET", "/api/public/trips", headers={"Accept-Encoding": "identity"})
    small = app.ask("GET", "/health", headers={"Accept-Encoding": "gzip"})

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in zipped.headers["Vary"]
    assert zipped.json() == plain.json()
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in small.headers


@pytest.mark.parametrize("escape", ["on", "off"])
def test_what_people_write_is_text_on_the_page(launch: Launch, admin: str, escape: str) -> None:
    app = launch(ESCAPE_OUTPUT=escape)
    app.ask("POST", "/api/trips", token=admin, json={"title": SCRIPT, "published": True})
    page = app.ask("GET", "/board")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (SCRIPT in page.text) == (escape == "off")
    assert app.ask("GET", "/api/public/trips").headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ("/trips?page=2", "/trips?page=2"),
        ("https://evil.test/", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("/%09/evil.test", "/%09/evil.test"),
        ("/\t/evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_way_on_stays_on_this_site(app: App, wanted: str, sent: str) -> None:
    answer = app.ask("GET", "/api/auth/continue", params={"next": wanted}, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, sent)


def test_an_open_redirect_is_a_setting(launch: Launch) -> None:
    app = launch(OPEN_REDIRECT="on")
    answer = app.ask("GET", "/api/auth/continue", params={"next": "https://evil.test/"}, allow_redirects=False)
    assert answer.headers["Location"] == "https://evil.test/"


def test_origins_are_matched_and_never_reflected(app: App, launch: Launch) -> None:
    """Unless the setting makes that mistake, with credentials on top."""
    evil = {"Origin": "https://evil.test"}
    assert "Access-Control-Allow-Origin" not in app.ask("GET", "/api/public/trips", headers=evil).headers
    careless = launch(CORS_REFLECT="on").ask("GET", "/api/public/trips", headers=evil).headers
    assert careless["Access-Control-Allow-Origin"] == "https://evil.test"
    assert careless["Access-Control-Allow-Credentials"] == "true"


def test_errors_show_the_inside_only_where_somebody_left_that_on(app: App, launch: Launch) -> None:
    open_book = launch(DEBUG_ERRORS="on")
    for path in ("/nowhere", "/api/trips", "/api/public/trips?limit=x"):
        careful, careless = app.ask("GET", path), open_book.ask("GET", path)
        assert careful.status_code == careless.status_code
        assert ("Traceback" in careful.text, "Traceback" in careless.text) == (False, True)


@pytest.mark.parametrize(("taken", "status"), [("off", 400), ("on", 401)])
def test_keys_that_nobody_asked_for_are_refused(launch: Launch, taken: str, status: int) -> None:
    app = launch(UNKNOWN_KEYS=taken)
    body = {"email": "nobody@plimsoll.test", "password": "guessed", "role": "admin"}
    assert app.ask("POST", "/api/auth/login", json=body).status_code == status
