"""Secrets leave no text: what was registered is masked in every usual encoding, and so is what looks like a secret.

Every finder below yields spans of the text; overlapping spans are merged and each is replaced by one mask. All patterns
are bounded or anchored, so that the work stays linear in the length of the text.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from urllib.parse import quote

MASK = "***"

SHORTEST_VALUE = 6
"""Shorter values of secret-named variables ("15m", "true") are settings; masking them would blot out the report."""

SHORTEST_LINE = 16
"""A line of a many-line secret is a secret of its own from this length on."""

SECRET_WORDS = ("PASS", "_PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "DSN")
PLACES = ("_FILE", "_PATH", "_DIR")
"""Variables of these endings say where a secret lies, not what it is (the habit of container images)."""

COOKIE_ATTRIBUTES = frozenset(
    {"domain", "expires", "httponly", "max-age", "partitioned", "path", "priority", "samesite", "secure"}
)

Span = tuple[int, int]

# What may stand between a header's name and its value: colon, JSON, a Python pair, percent-encoding. The quote that
# opens the value, if there is one, ends it too.
_BETWEEN = r"(?:\\{0,3}[\"']\s{0,4}[:=,]|\s{0,4}[:=]|%3A)(?:\s|%20){0,4}"
_VALUE = r"(?:\\{0,3}\"(?P<double>[^\"\r\n]*)|\\{0,3}'(?P<single>[^'\r\n]*)|(?P<line>[^\"'\s][^\r\n]*))"
_AUTHORIZATION = re.compile(r"(?i)authorization" + _BETWEEN + _VALUE)
_COOKIES = re.compile(r"(?i)(?P<set>set-)?cookie2?" + _BETWEEN + _VALUE)
_COOKIE = re.compile(r"(?P<name>[^=;,\s]{1,256})=(?P<value>[^;,]*(?:,(?!\s{0,4}[^=;,\s]{1,256}=)[^;,]*)*)")

# NAME=value and NAME: value as environment files, YAML, JSON and query strings write them. A lower-case name must end
# in a word that means a secret: nginx's proxy_pass and server_tokens do not.
_ASSIGNMENT = re.compile(
    r"(?<![A-Za-z0-9_.-])(?:(?P<variable>[A-Z][A-Z0-9_]{1,80})(?![A-Za-z0-9_])"
    r"|(?i:[a-z0-9_.-]{0,60}?(?:password|passwd|passphrase|pwd|secret|token|credentials?"
    r"|(?:api|access|private|secret|signing|encryption)[_-]?key)(?![a-z0-9_-])))"
    r"(?:\\{0,3}[\"']\s{0,4}[:=]|\s{0,2}[:=]|%3D)\s{0,4}(?!//)"
)
_ASSIGNED = re.compile(r"\\{0,3}\"(?P<double>[^\"\r\n]+)|\\{0,3}'(?P<single>[^'\r\n]+)|(?P<line>[^\s\"'&<>,;)\]}]+)")

_URL_PASSWORD = re.compile(  # up to the last @ of the authority
    r"(?i)(?<=[a-z0-9+.-])(?::|%3A)(?:/|\\/|%2F){2}[^\s/:@\"'<>]{0,200}?(?::|%3A)(?P<secret>[^\s/\"'<>]{1,1000}?)"
    r"(?:@|%40)(?![^\s/\"'<>@]{0,400}@)"
)
_PRIVATE_KEY = re.compile(  # whether its END came along or not
    r"-----BEGIN(?:[ +]|%20)[A-Z0-9 +%]{0,40}?PRIVATE(?:[ +]|%20)KEY[A-Z +%0-9]{0,12}-----"
    r"(?P<secret>(?:(?!-----END)[\s\S])+)"
)
_BEARER = re.compile(  # not "bearer tokens", not a challenge
    r"(?i)\bbearer(?:\s|\+|%20){1,4}(?!(?:tokens?|auth\w{0,12}|schemes?|realm|credentials?|headers?|challenge)\b)"
    r"(?P<secret>[A-Za-z0-9._~+/=%-]{6,})"
)
_BASIC = re.compile(  # not "basic authentication": Base64 has a digit or a sign nearly always
    r"(?i)\bbasic(?:\s|\+|%20){1,4}(?=[A-Za-z]{0,200}[0-9=+/%])(?P<secret>[A-Za-z0-9+/]{8,}(?:=|%3D){0,2})"
)
_EDGE = r"(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f][0-9A-Fa-f])|(?<=\\[nrt]))"
_JWT = re.compile(_EDGE + r"(?P<secret>eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*){0,3})")  # RFC 7519
_ISSUED_KEY = re.compile(  # AWS, Stripe, GitHub, GitLab, Slack, Google, SendGrid and the sk- family
    _EDGE + r"(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16}|[sr]k_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|AIza[A-Za-z0-9_-]{35}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{20,})"
)
_SHAPES = (_URL_PASSWORD, _PRIVATE_KEY, _BEARER, _BASIC, _JWT, _ISSUED_KEY)


class Redactor:
    """Text without its secrets: `redact(text)`. Immutable; `with_environment` gives one that knows more."""

    __slots__ = ("_encoded", "_plain", "secrets")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {value.strip() for value in secrets} - {"", MASK}
        known |= {line.strip() for value in known for line in value.splitlines() if len(line.strip()) >= SHORTEST_LINE}
        self.secrets: frozenset[str] = frozenset(known)
        self._plain = tuple(sorted({form for value in known for form in (value, *_base64_forms(value))}))
        self._encoded = tuple(re.compile("".join(map(_any_encoding, value))) for value in sorted(known))

    def with_environment(self, environment: Mapping[str, str]) -> Redactor:
        """A redactor that also masks the values of secret-named variables and the passwords of URLs in any variable."""
        named = (value for name, value in environment.items() if names_a_secret(name, value))
        passwords = (m["secret"] for value in environment.values() for m in _URL_PASSWORD.finditer(value))
        values = {value.strip().strip("\"'") for value in chain(named, passwords)}
        return Redactor({*self.secrets, *(value for value in values if len(value) >= SHORTEST_VALUE)})

    def __call__(self, text: str) -> str:
        """The text, with a mask in place of every secret."""
        return _masked(text, _merged(self._spans(text)))

    def lines(self, texts: Sequence[str]) -> tuple[str, ...]:
        """As many texts as came in: a secret that runs over several of them (a PEM file's lines) is masked in each."""
        if not texts:
            return ()
        spans = _merged(self._spans("\n".join(texts)))
        clean, start = [], 0
        for text in texts:
            end = start + len(text)
            inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
            clean.append(_masked(text, inside))
            start = end + 1
        return tuple(clean)

    def _spans(self, text: str) -> Iterator[Span]:
        for form in self._plain:
            at = text.find(form)
            while at >= 0:
                yield at, at + len(form)
                at = text.find(form, at + len(form))
        if any(mark in text for mark in "%\\&+"):
            for pattern in self._encoded:
                yield from (m.span() for m in pattern.finditer(text))
        for shape in _SHAPES:
            yield from (m.span("secret") for m in shape.finditer(text))
        yield from (_value(m) for m in _AUTHORIZATION.finditer(text))
        yield from _cookie_values(text)
        yield from _assigned_values(text)


def names_a_secret(name: str, value: str = "") -> bool:
    """Whether a variable of this name holds a secret, not the path to one."""
    upper = name.upper()
    return any(word in upper for word in SECRET_WORDS) and not (upper.endswith(PLACES) and "/" in value)


def _value(match: re.Match[str]) -> Span:
    """Where the value lies, whichever way it was quoted."""
    return match.span(match.lastgroup or 0)


def _cookie_values(text: str) -> Iterator[Span]:
    """The values of cookies; their names and attributes stay, for they are what gets judged."""
    for header in _COOKIES.finditer(text):
        start, end = _value(header)
        if "=" not in text[start:end].partition(";")[0] and " " not in text[start:end].partition(";")[0]:
            yield start, start + len(text[start:end].partition(";")[0])  # a cookie without a name
        for cookie in _COOKIE.finditer(text, start, end):
            if not header["set"] or cookie["name"].lower() not in COOKIE_ATTRIBUTES:
                yield cookie.span("value")


def _assigned_values(text: str) -> Iterator[Span]:
    """The values given to secret-named variables, fields and parameters."""
    upper, done = text.upper(), 0
    if not any(word.lstrip("_") in upper for word in SECRET_WORDS):
        return  # the pattern below is slow beside this look, and most texts end here
    for assignment in _ASSIGNMENT.finditer(text):
        if assignment.start() < done:
            continue
        value = _ASSIGNED.match(text, assignment.end())
        if value is None:
            continue
        start, end = _value(value)
        variable = assignment["variable"]
        if end - start >= SHORTEST_VALUE and (variable is None or names_a_secret(variable, text[start:end])):
            done = end
            yield start, end


def _base64_forms(secret: str) -> Iterator[str]:
    """What Base64 makes of the secret wherever it starts inside the encoded bytes, without the characters it shares."""
    raw = secret.encode("utf-8", "surrogatepass")
    for before, shared in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        core = whole[shared:] if (before + len(raw)) % 3 == 0 else whole[shared:-1]
        if len(core) >= SHORTEST_VALUE:
            yield core
            yield core.replace("+", "-").replace("/", "_")
    yield base64.b64encode(raw).decode().rstrip("=")


def _any_encoding(character: str) -> str:
    """A pattern for one character as it is, percent-encoded, JSON-escaped or HTML-escaped."""
    percent = "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
    forms = {character, percent, percent.lower(), quote(character, safe="", errors="surrogatepass")}
    forms |= {json.dumps(character)[1:-1], f"\\u{ord(character):04x}", f"\\u{ord(character):04X}", "\\" + character}
    forms |= {html.escape(character), f"&#{ord(character)};", f"&#x{ord(character):x};"} | ({"+"} & _plus(character))
    return "(?:" + "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form))) + ")"


def _plus(character: str) -> set[str]:
    """A plus stands for a space in form data."""
    return {"+"} if character == " " else set()


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same ground in order, no two spans touching."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _masked(text: str, spans: Iterable[Span]) -> str:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], MASK]
        at = end
    return "".join([*pieces, text[at:]])
