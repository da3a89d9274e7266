"""The cookies of one journey, as far as one host sets them (RFC 6265, 5)."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie


class Jar:
    """Cookies by name and path; a path other than a request's keeps a cookie at home."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def keep(self, lines: list[bytes]) -> None:
        """What these Set-Cookie fields say."""
        for line in lines:
            found: SimpleCookie = SimpleCookie()
            try:
                found.load(line.decode("latin-1"))
            except CookieError:
                continue
            for name, morsel in found.items():
                path = morsel["path"] if morsel["path"].startswith("/") else "/"
                if morsel["max-age"].startswith(("0", "-")) or "1970" in morsel["expires"]:
                    self._kept.pop((name, path), None)
                else:
                    self._kept[name, path] = morsel.coded_value

    def for_path(self, path: str) -> str:
        """The value of the Cookie field; "" for none."""
        path = path.partition("?")[0]
        return "; ".join(f"{name}={value}" for (name, at), value in self._kept.items() if _matches(path, at))


def _matches(path: str, at: str) -> bool:
    return path == at or (path.startswith(at) and (at.endswith("/") or path[len(at) : len(at) + 1] == "/"))
