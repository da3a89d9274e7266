"""Ways to an object store are as bad as they say, and no worse."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import requests

from plimsoll.drills.cloud.roads import full_store, slow_road
from plimsoll.wait import SYSTEM_CLOCK


class Echo(BaseHTTPRequestHandler):
    """Answers with what it is sent."""

    def do_PUT(self) -> None:
        """The body comes back."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def test_a_slow_road_leads_there() -> None:
    """What is sent arrives, and comes back, each piece a little late."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        started = SYSTEM_CLOCK.monotonic()
        with slow_road(f"http://127.0.0.1:{server.server_address[1]}", delay=0.2) as road:
            answer = requests.put(road.url, data=b"x" * 100_000, timeout=10)
        took = SYSTEM_CLOCK.monotonic() - started
        server.shutdown()
        thread.join()

    assert answer.content == b"x" * 100_000
    assert road.asked == 1
    assert took >= 0.4


def test_a_full_store_takes_nothing() -> None:
    """It says so as MinIO does, and counts who asked."""
    with full_store() as store:
        answer = requests.put(f"{store.url}/bucket/key", data=b"x" * 200_000, timeout=5)
        assert store.asked == 1

    assert answer.status_code == 507
    assert "<Code>XMinioStorageFull</Code>" in answer.text
