"""What a Content-Security-Policy allows, as browsers read it (CSP Level 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plimsoll.observations import HttpExchange

UNSAFE = frozenset({"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*"})
"""Sources that undo what the policy is for; they are named first."""

NOTHING = "'none'"
REPORT = "'report-sample'"
STRICT_DYNAMIC = "'strict-dynamic'"
INLINE = "'unsafe-inline'"
PROOFS = ("'nonce-", "'sha256-", "'sha384-", "'sha512-")
"""How the sources begin that mean one element alone."""

FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "frame-src": ("child-src",),
    "worker-src": ("child-src", "script-src"),
    "script-src-elem": ("script-src",),
    "script-src-attr": ("script-src",),
    "style-src-elem": ("style-src",),
    "style-src-attr": ("style-src",),
}
"""What stands in for a fetch directive before default-src does (CSP3, 6.8.3)."""

Sources = Mapping[str, tuple[str, ...]]


def policies(exchange: HttpExchange) -> list[str]:
    """The policies that a browser enforces on a response, all of them: a comma begins another (CSP3, 2.2.2)."""
    return split(exchange.values("Content-Security-Policy"))


def split(values: Sequence[str]) -> list[str]:
    """The policies in the values of a header."""
    return [policy for value in values for policy in value.split(",") if policy.strip()]


def too_wide(policies: Sequence[str], allowed: Sources) -> Iterator[str]:
    """What policies together allow beyond the allowed sources, in words; also what they leave open by silence.

    Each is enforced, so a directive is too wide only if it is in every one of them.
    """
    limits = {name.lower(): tuple(source.lower() for source in sources) for name, sources in allowed.items()}
    said = [parsed(policy) for policy in policies]
    names = dict.fromkeys([*limits, *(name for each in said for name in each if _fetches(name))])
    for name in names:
        troubles = [_trouble(name, each, limits) for each in said]
        if troubles and all(troubles):
            yield troubles[0]


def parsed(policy: str) -> Sources:
    """The directives of a policy in lower case, sources too; of duplicates the first counts (CSP3, 2.2.1)."""
    found: dict[str, tuple[str, ...]] = {}
    for part in policy.lower().split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0], tuple(words[1:]))
    return found


def standing_in(name: str, said: Sources) -> tuple[str, ...] | None:
    """The sources that count for a directive: its own, or those of what stands in for it."""
    chain = (name, *FALLBACKS.get(name, ()), "default-src") if _fetches(name) else (name,)
    return next((said[each] for each in chain if each in said), None)


def in_force(name: str, sources: Sequence[str]) -> tuple[str, ...]:
    """The sources that browsers heed: a nonce or hash voids 'unsafe-inline', 'strict-dynamic' hosts and schemes too.

    (CSP3, 6.7.3.2 and 8.2. Both are how one policy serves old browsers as well.)
    """
    scripts = name.startswith("script-src")
    dynamic = scripts and STRICT_DYNAMIC in sources
    proven = dynamic or any(proof(each) for each in sources)
    return tuple(
        each
        for each in sources
        if not (proven and each == INLINE)
        and not (dynamic and not (each.startswith("'") and each != "'self'"))
        and each not in (NOTHING, REPORT)
    )


def proof(source: str) -> bool:
    """Whether the source means one element alone, by nonce or hash."""
    return source.startswith(PROOFS)


def _trouble(name: str, said: Sources, limits: Sources) -> str:
    """What one policy allows in a directive beyond its limit; where the promise sets none, what undoes a policy."""
    given, limit = standing_in(name, said), standing_in(name, limits)
    if given is None:
        return f"{name} is not set, and no default-src stands in for it" if name in limits else ""
    beyond = [
        each
        for each in in_force(name, given)
        if not proof(each) and (each in UNSAFE if limit is None else each not in limit)
    ]
    return f"{name} also allows {' '.join([each for each in beyond if each in UNSAFE] or beyond)}" if beyond else ""


def _fetches(name: str) -> bool:
    """Whether the directive says what may be loaded, so that others can stand in for it."""
    return name.endswith(("-src", "-src-elem", "-src-attr"))
