import socket
import time

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Event, Message, RejectConnection, Request, TextMessage

from tests.app.conftest import Launch
from tests.app.processes import App, wait_until


def upgrade(app: App, path: str) -> tuple[socket.socket, WSConnection, Event]:
    """A socket, its WebSocket state, and the server's answer to the handshake."""
    connection = WSConnection(ConnectionType.CLIENT)
    link = socket.create_connection(("127.0.0.1", app.ports[0]), timeout=5)
    link.sendall(connection.send(Request(host="nestmap.test", target=path)))
    return link, connection, next_event(link, connection)


def next_event(link: socket.socket, connection: WSConnection) -> Event:
    """What the server sends next."""
    while True:
        for event in connection.events():
            return event
        connection.receive_data(link.recv(65536))


def test_a_websocket_echoes_and_is_counted_while_open(app: App) -> None:
    link, connection, accepted = upgrade(app, "/ws")
    link.sendall(connection.send(Message(data="ahoy")))
    reply = next_event(link, connection)
    open_now = app.ask("GET", "/metrics").text
    link.close()

    assert isinstance(accepted, AcceptConnection)
    assert isinstance(reply, TextMessage)
    assert reply.data == "ahoy"
    assert "websocket_connections_active 1.0" in open_now
    wait_until(lambda: "websocket_connections_active 0.0" in app.ask("GET", "/metrics").text, error="still counted")


def test_a_websocket_elsewhere_is_refused(app: App) -> None:
    link, _, answer = upgrade(app, "/elsewhere")
    link.close()
    assert isinstance(answer, RejectConnection)
    assert answer.status_code in {403, 404}


def test_the_home_page_is_html_without_scripts(app: App) -> None:
    answer = app.ask("GET", "/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<h1>nestmap</h1>" in answer.text
    assert "<script" not in answer.text


def test_errors_are_json_with_the_correlation_id_and_the_security_headers(app: App) -> None:
    app.ask("POST", "/api/faults", json={"error_rate": 1, "route": "/version", "for_seconds": 30})
    answers = [app.ask("GET", "/nowhere"), app.ask("POST", "/health"), app.ask("GET", "/version")]
    app.ask("DELETE", "/api/faults")
    assert [answer.status_code for answer in answers] == [404, 405, 500]
    assert answers[1].headers["Allow"] == "GET, HEAD"
    for answer in answers:
        assert answer.json()["correlation_id"] == answer.headers["X-Request-ID"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert "Traceback" not in answer.text


def test_a_sane_request_id_is_kept_and_a_strange_one_replaced(app: App) -> None:
    kept = app.ask("GET", "/health", headers={"X-Request-ID": "abc-1"})
    replaced = app.ask("GET", "/health", headers={"X-Request-ID": "a b<script>"})
    assert kept.headers["X-Request-ID"] == "abc-1"
    assert len(replaced.headers["X-Request-ID"]) == 32


def test_head_answers_like_get_without_a_body(app: App) -> None:
    for path in ("/", "/health", "/ready", "/metrics", "/version", "/api/public/trips"):
        get, head = app.ask("GET", path), app.ask("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Cache-Control"] == get.headers["Cache-Control"]


def test_only_the_configured_origin_may_read_across_origins(app: App) -> None:
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    ours, theirs = {"Origin": "https://nestmap.test"}, {"Origin": "https://evil.test"}
    allowed = app.ask("OPTIONS", "/api/trips", headers={**ours, **preflight})
    refused = app.ask("OPTIONS", "/api/trips", headers={**theirs, **preflight})
    read = app.ask("GET", "/api/public/trips", headers=ours)
    unread = app.ask("GET", "/api/public/trips", headers=theirs)

    assert (allowed.status_code, refused.status_code) == (200, 400)
    assert [answer.headers.get("Access-Control-Allow-Origin") for answer in (allowed, refused, read, unread)] == [
        "https://nestmap.test",
        None,
        "https://nestmap.test",
        None,
    ]


def test_metrics_have_the_guides_names_and_route_templates(app: App, admin: str) -> None:
    app.ask("GET", "/api/trips/424242", token=admin)
    answer = app.ask("GET", "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for line in (
        'http_requests_total{method="GET",route="/api/trips/{id:int}",status_code="404"}',
        'http_request_duration_seconds_bucket{le="0.2",method="GET",route="/api/trips/{id:int}",status_code="404"}',
        'database_query_duration_seconds_bucket{le="0.01",query_type="select"}',
        "websocket_connections_active",
        "process_resident_memory_bytes",
        "database_pool_connections",
        "redis_pool_connections",
    ):
        assert f"\n{line} " in answer.text
    assert "424242" not in answer.text


def test_diagnostics_show_the_request_as_received(app: App, launch: Launch) -> None:
    """Forwarding headers are believed from a trusted proxy only; without the switch the page does not exist."""
    headers = {"X-Real-IP": "192.0.2.7", "X-Forwarded-For": "198.51.100.1, 192.0.2.7"}
    seen = app.ask("GET", "/api/diagnostics/request?q=1", headers=headers).json()
    distrusting = launch(TRUSTED_PROXIES="10.0.0.0/8")
    plain = distrusting.ask("GET", "/api/diagnostics/request", headers=headers).json()

    assert (seen["method"], seen["path"], seen["query"]) == ("GET", "/api/diagnostics/request", "q=1")
    assert (seen["client"], plain["client"]) == ("192.0.2.7", "127.0.0.1")
    assert ["x-forwarded-for", "198.51.100.1, 192.0.2.7"] in seen["headers"]


def test_switches_do_not_exist_unless_turned_on(launch: Launch) -> None:
    off = launch(APP_FAULTS="off", APP_DIAGNOSTICS="")
    assert off.ask("POST", "/api/faults", json={"slow_ms": 1}).status_code == 404
    assert off.ask("DELETE", "/api/faults").status_code == 404
    assert off.ask("GET", "/api/diagnostics/request").status_code == 404


def test_faults_slow_down_fail_lie_and_end(launch: Launch) -> None:
    app = launch(DATABASE_URL="postgresql://app@127.0.0.1:1/none", wait=False)
    wait_until(lambda: app.status("/health") == 200, error="not live")
    app.ask("POST", "/api/faults", json={"lie_about_health": True, "slow_ms": 100, "for_seconds": 1})
    began = time.monotonic()
    slow = app.ask("GET", "/api/auth/me")

    assert (slow.status_code, time.monotonic() - began >= 0.1) == (401, True)
    assert (app.status("/ready"), app.ask("GET", "/health/detailed").json()["status"]) == (200, "healthy")
    wait_until(lambda: app.status("/ready") == 503, error="still lying")
    assert app.ask("POST", "/api/faults", json={"error_rate": 2}).status_code == 400
