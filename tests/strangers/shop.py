"""A small shop's application, as strangers write them: run as `python shop.py PORT`."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn

PAGE = b"<!doctype html><html lang=en><title>Shop</title><link rel=stylesheet href=/assets/site.css><p>Tea and coffee"
METRICS = b"# TYPE shop_orders_total counter\nshop_orders_total 3\n"
PRIVATE = {"Cache-Control": "no-store", "WWW-Authenticate": "Bearer"}
COOKIE = {"Set-Cookie": "__Host-visit=1; Path=/; Secure; HttpOnly; SameSite=Lax"}
Answer = tuple[int, str, bytes, Mapping[str, str]]
PAGES: Mapping[str, Answer] = {
    "/": (200, "text/html; charset=utf-8", PAGE, COOKIE),
    "/assets/site.css": (200, "text/css; charset=utf-8", b"p{color:teal}\n", {"Cache-Control": "public, max-age=60"}),
    "/api/products": (200, "application/json", b'["tea","coffee"]', {}),
    "/api/orders": (401, "application/json", b'{"error":"who are you?"}', PRIVATE),
    "/healthz": (204, "", b"", {}),
    "/readyz": (200, "application/json", b'{"status":"ok","database":"up"}', {}),
    "/metrics": (200, "text/plain; version=0.0.4", METRICS, {}),
}
MISSING: Answer = (404, "text/plain; charset=utf-8", b"no such page\n", {})


async def shop(
    scope: Mapping[str, Any],
    receive: Callable[[], Awaitable[Mapping[str, Any]]],
    send: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    """Answers what the table says, and says nothing of itself (ASGI 3)."""
    while (await receive()).get("more_body"):
        pass
    status, kind, body, headers = PAGES.get(scope["path"], MISSING)
    told = {**({"Content-Type": kind, "Content-Length": str(len(body))} if kind else {}), **headers}
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
        log_level="critical",
    )
