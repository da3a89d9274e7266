"""What responses tell browsers and caches."""

from __future__ import annotations

from types import ModuleType

from plimsoll.rules.headers import (
    browsers,
    caching,
    contents,
    cookies,
    cors,
    markup,
    responses,
)

MODULES: tuple[ModuleType, ...] = (browsers, caching, contents, cookies, cors, markup, responses)
