"""What cipher strings mean to the TLS library of this machine."""

from __future__ import annotations

import re
import ssl
from functools import lru_cache


@lru_cache(1024)
def suites(string: str) -> tuple[str, ...]:
    """The TLS 1.2 suites that a cipher string means; none if it means nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.set_ciphers(string)
    except (ssl.SSLError, ValueError):  # a ValueError is a text with NUL in it
        return ()
    return tuple(cipher["name"] for cipher in context.get_ciphers() if not cipher["name"].startswith("TLS_"))


def ghosts(string: str) -> tuple[str, ...]:
    """The names in a cipher string that mean nothing to the library."""
    names = re.split(r"[:, ]+", string)
    return tuple(name for name in names if name and name[:1] not in "!-+@" and not suites(name))
