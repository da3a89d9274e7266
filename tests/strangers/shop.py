"""A small shop's application, as strangers write them: run as `python shop.py PORT`."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!doctype html><html lang=en><title>Shop</title><link rel=stylesheet href=/assets/site.css><p>Tea and coffee"
METRICS = b"# TYPE shop_orders_total counter\nshop_orders_total 3\n"
PRIVATE = (("Cache-Control", "no-store"), ("WWW-Authenticate", "Bearer"))
BRIEFLY = (("Cache-Control", "public, max-age=60"),)
COOKIE = (("Set-Cookie", "__Host-visit=1; Path=/; Secure; HttpOnly; SameSite=Lax"),)
Answer = tuple[int, str, bytes, tuple[tuple[str, str], ...]]
PAGES: dict[str, Answer] = {
    "/": (200, "text/html; charset=utf-8", PAGE, COOKIE),
    "/assets/site.css": (
        200,
        "text/css; charset=utf-8",
        b"p{color:teal}\n",
        (("Cache-Control", "public, max-age=60"),),
    ),
    "/api/products": (200, "application/json", b'["tea","coffee"]', ()),
    "/api/orders": (401, "application/json", b'{"error":"who are you?"}', PRIVATE),
    "/healthz": (204, "", b"", ()),
    "/readyz": (200, "application/json", b'{"status":"ok","database":"up"}', ()),
    "/metrics": (200, "text/plain; version=0.0.4", METRICS, ()),
}
MISSING: Answer = (404, "text/plain; charset=utf-8", b"no such page\n", ())


class Shop(BaseHTTPRequestHandler):
    """Answers what the table says, and says nothing of itself."""

    protocol_version = "HTTP/1.1"

    def version_string(self) -> str:
        """No version."""
        return "shop"

    def do_GET(self) -> None:
        """The page, or that there is none."""
        status, kind, body, headers = PAGES.get(self.path.partition("?")[0], MISSING)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        for name, value in (("Content-Type", kind), *headers):
            if value:
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_POST = do_OPTIONS = do_GET  # noqa: N815 - http.server's own names

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Shop).serve_forever()
