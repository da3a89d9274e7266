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
