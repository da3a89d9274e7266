"""A small shop's application, as strangers write them: run as `python shop.py PORT`.

It says what it runs on, and serves what was left in its folder: its edge has to know better.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn

PAGE = b"<!doctype html><html lang=en><title>Shop</title><link rel=stylesheet href=/assets/site.css><p>Tea and coffee"
METRICS = b"# TYPE shop_orders_total counter\nshop_orders_total 3\n"
PRIVATE = {"Cache-Control": "no-store", "WWW-Authenticate": "Bearer"}
COOKIE = {"Set-Cookie": "__Host-visit=1; Path=/; Secure; HttpOnly; SameSite=Lax"}
SERVER = {"Server": "gunicorn/20.1.0"}
LISTING = (
    b"<!doctype html><title>Index of /files/</title><h1>Index of /files/</h1><a href=invoices.csv>invoices.csv</a>"
)
Answer = tuple[int, str, bytes, Mapping[str, str]]
PAGES: Mapping[str, Answer] = {
    "/": (200, "text/html; charset=utf-8", PAGE, COOKIE),
    "/assets/site.css": (200, "text/css; charset=utf-8", b"p{color:teal}\n", {"Cache-Control": "public, max-age=60"}),
    "/api/products": (200, "application/json", b'["tea","coffee"]', {}),
    "/api/orders": (401, "application/json", b'{"error":"who are you?"}', PRIVATE),
    "/healthz": (204, "", b"", {}),
    "/readyz": (200, "application/json", b'{"status":"ok","database":"up"}', {}),
    "/files/": (200, "text/html; charset=utf-8", LISTING, {}),
    "/.git/config": (200, "text/plain", b"[core]\n\tbare = false\n", {}),
    "/metrics": (200, "text/plain; version=0.0.4", METRICS, {}),
}
MISSING: Answer = (404, "text/plain; charset=utf-8", b"no such page\n", {})


async def shop(
    scope: Mapping[str, Any],
    receive: Callable[[], Awaitable[Mapping[str, Any]]],
    send: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    """Answers what the table says (ASGI 3)."""
    while (await receive()).get("more_body"):
        pass
    status, kind, body, headers = PAGES.get(scope["path"], MISSING)
    told = {**({"Content-Type": kind, "Content-Length": str(len(body))} if kind else {}), **SERVER, **headers}
    lines = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


if __name__ == "__main__":
    uvicorn.run(
        shop,
        port=int(sys.argv[1]),
        server_header=False,
        date_header=False,
        lifespan="off",
        http="h11",  # takes any method, as many a framework does
        log_level="critical",
    )
