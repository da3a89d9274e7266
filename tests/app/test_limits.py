import pytest

from tests.app.conftest import Launch
from tests.app.processes import wait_until


def test_a_client_is_limited_per_window_over_all_replicas(launch: Launch) -> None:
    """Three requests in a second, counted in Redis per client address; health is never limited."""
    app = launch(RATE_LIMIT_MAX="3", RATE_LIMIT_WINDOW="1000", replicas=2)
    client = {"X-Real-IP": "192.0.2.99"}
    answers = [app.ask("GET", "/api/public/trips", headers=client, replica=turn % 2) for turn in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
    assert {answer.headers["RateLimit-Reset"] for answer in answers} == {"1"}
    assert answers[3].headers["Retry-After"] == "1"
    assert answers[3].headers["Cache-Control"].startswith("private")
    assert app.ask("GET", "/api/public/trips", headers={"X-Real-IP": "192.0.2.100"}).status_code == 200
    assert app.ask("GET", "/health", headers=client).status_code == 200
    wait_until(
        lambda: app.ask("GET", "/api/public/trips", headers=client).status_code == 200, error="the window never ended"
    )


def test_every_api_answer_says_what_is_left(launch: Launch) -> None:
    app = launch()
    for path in ("/api/public/trips", "/api/trips", "/api/nowhere", "/api/public/trips?limit=x"):
        assert "RateLimit-Remaining" in app.ask("GET", path).headers
    assert "RateLimit-Remaining" not in app.ask("GET", "/health").headers


def test_a_user_is_limited_wherever_they_ask_from(launch: Launch, members: list[str]) -> None:
    """Two requests a window for one user, from as many addresses; another user has two of their own."""
    app = launch(USER_RATE_LIMIT_MAX="2", RATE_LIMIT_WINDOW="60000", RATE_LIMIT_STATUS="503")
    ann, bob = members

    def ask(token: str, number: int) -> int:
        return app.ask("GET", "/api/trips", token=token, headers={"X-Real-IP": f"192.0.2.{number}"}).status_code

    assert [ask(ann, number) for number in range(3)] == [200, 200, 503]
    assert ask(bob, 2) == 200
    assert app.ask("GET", "/api/public/trips").status_code == 200


@pytest.mark.parametrize(("taken_from", "one_client"), [("real-ip", True), ("forwarded", True), ("leftmost", False)])
def test_a_claimed_address_buys_nothing(launch: Launch, taken_from: str, one_client: bool) -> None:
    """Behind two trusted hops the first address from the right that is neither is the client, whatever it claims."""
    app = launch(TRUSTED_PROXIES="127.0.0.1/32,10.0.0.0/8", CLIENT_ADDRESS_FROM=taken_from)
    clients = {
        app.ask(
            "GET",
            "/api/diagnostics/request",
            headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7, 10.0.0.9"},
        ).json()["client"]
        for number in range(3)
    }
    assert clients == ({"203.0.113.7"} if one_client else {f"198.51.100.{number}" for number in range(3)})
