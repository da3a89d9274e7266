from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.app.processes import App

TRIP = {"title": "Two lakes", "city": "Como", "country": "Italy", "trip_type": "leisure", "budget": 99.5}
HUGE = 10**30


def test_a_record_is_created_read_changed_and_deleted(app: App, members: list[str]) -> None:
    ann = members[0]
    made = app.ask("POST", "/api/trips", token=ann, json={**TRIP, "start_date": "2030-01-31"})
    path = made.headers["Location"]
    changed = app.ask("PUT", path, token=ann, json={"title": "Three lakes", "status": "confirmed"})
    listed = app.ask("GET", "/api/trips", token=ann, params={"limit": 100}).json()["data"]
    deleted = app.ask("DELETE", path, token=ann)

    assert made.status_code == 201
    assert {key: made.json()[key] for key in TRIP} == TRIP
    assert made.json()["start_date"] == "2030-01-31"
    assert (changed.status_code, changed.json()["title"], changed.json()["city"]) == (200, "Three lakes", None)
    assert changed.json() in listed
    assert (deleted.status_code, app.ask("GET", path, token=ann).status_code) == (204, 404)


def test_records_belong_to_their_owner_and_admins_see_all(app: App, admin: str, members: list[str]) -> None:
    ann, bob = members
    path = app.ask("POST", "/api/trips", token=ann, json=TRIP).headers["Location"]
    for method in ("GET", "PUT", "DELETE"):
        assert app.ask(method, path, token=bob, json=TRIP).status_code == 403
        assert app.ask(method, path, json=TRIP).headers["WWW-Authenticate"] == "Bearer"
    number = int(path.rsplit("/", 1)[1])
    page = {"after": number - 1, "limit": 1}
    assert app.ask("GET", "/api/trips", token=bob, params=page).json()["data"] == []
    assert app.ask("GET", "/api/trips", token=admin, params=page).json()["data"][0]["id"] == number
    assert app.ask("DELETE", path, token=admin).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": "x" * 201},
        {"title": "nul\0"},
        {"title": "ok", "surprise": 1},
        {"title": "ok", "status": "lost"},
        {"title": "ok", "budget": -1},
        {"title": "ok", "budget": HUGE},
        {"title": "ok", "start_date": "soon"},
        {"title": {"$gt": ""}},
        ["title"],
    ],
)
def test_a_body_the_table_would_not_take_is_refused(app: App, admin: str, body: object) -> None:
    answer = app.ask("POST", "/api/trips", token=admin, json=body)
    assert (answer.status_code, "correlation_id" in answer.json()) == (400, True)


def test_a_body_that_is_not_json_or_too_large_is_refused(app: App, admin: str) -> None:
    assert app.ask("POST", "/api/trips", token=admin, data=b"\xff{").status_code == 400
    assert app.ask("POST", "/api/trips", token=admin, data=b" " * (1 << 20) + b"{}").status_code == 413


def test_an_idempotency_key_creates_once(app: App, members: list[str]) -> None:
    """The same key and body give the stored answer, on any replica; the same key with another body is an error."""
    ann, bob = members
    key = {"Idempotency-Key": "once-1"}
    first = app.ask("POST", "/api/trips", token=ann, headers=key, json=TRIP)
    again = app.ask("POST", "/api/trips", token=ann, headers=key, json=TRIP, replica=1)
    other = app.ask("POST", "/api/trips", token=ann, headers=key, json={**TRIP, "title": "Else"})
    foreign = app.ask("POST", "/api/trips", token=bob, headers=key, json=TRIP)

    assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
    assert again.headers["Location"] == first.headers["Location"]
    assert (again.headers["Idempotent-Replayed"], other.status_code) == ("true", 422)
    assert foreign.json()["id"] != first.json()["id"]


def test_an_idempotency_key_creates_once_under_concurrency(app: App, members: list[str]) -> None:
    """Sixteen simultaneous requests on two replicas make one row."""

    def create(number: int) -> tuple[int, int]:
        headers = {"Idempotency-Key": "race-1"}
        made = app.ask("POST", "/api/trips", token=members[1], headers=headers, json=TRIP, replica=number % 2)
        return made.status_code, made.json()["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(create, range(16)))

    assert len(answers) == 1
    assert {status for status, _ in answers} == {201}


def test_the_public_list_is_for_anyone_and_any_cache(app: App, admin: str) -> None:
    hidden = app.ask("POST", "/api/trips", token=admin, json={**TRIP, "title": "Hidden"}).json()["id"]
    shown = app.ask("POST", "/api/trips", token=admin, json={**TRIP, "published": True}).json()["id"]
    answer = app.ask("GET", "/api/public/trips", params={"limit": 100})
    records = {record["id"]: record for record in answer.json()["data"]}

    assert answer.headers["Cache-Control"] == "public, max-age=300, s-maxage=600"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert (shown in records, hidden in records) == (True, False)
    assert not {"owner_id", "organization_id", "deleted_at"} & set(records[shown])


@pytest.mark.parametrize(
    "query",
    [
        "limit=1&limit=2",
        "filter[$gt]=1",
        "filter%5B%24gt%5D=1",
        "$where=1",
        "title=$ne",
        "title={%22$gt%22:1}",
        "limit=1000",
        "limit=-1",
        "limit=\u0661",
        "&".join(f"k{n}=1" for n in range(60)),
    ],
)
@pytest.mark.parametrize("path", ["/api/public/trips", "/api/trips"])
def test_strange_queries_are_refused(app: App, admin: str, path: str, query: str) -> None:
    """Repeated parameters, operators and numbers out of bounds never reach a handler's query."""
    answer = app.ask("GET", f"{path}?{query}", token=admin)
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")
    assert "public" not in answer.headers["Cache-Control"]


def test_an_impossible_id_is_not_found(app: App, admin: str) -> None:
    for number in (str(HUGE), "abc", "-1"):
        assert app.ask("GET", f"/api/trips/{number}", token=admin).status_code == 404
