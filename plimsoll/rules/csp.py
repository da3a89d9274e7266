"""What a Content-Security-Policy allows, as browsers read it (CSP Level 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

UNSAFE = frozenset({"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*"})
"""Sources that undo what the policy is for; they are named first."""

NOTHING = "'none'"

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


def too_wide(policy: str, allowed: Sources) -> Iterator[str]:
    """What a policy allows beyond the allowed sources, in words; also what it leaves open by silence."""
    limits = {name.lower(): tuple(source.lower() for source in sources) for name, sources in allowed.items()}
    said = parsed(policy)
    for name, sources in limits.items():
        given = _standing_in(name, said)
        if given is None:
            yield f"{name} is not set, and no default-src stands in for it"
        else:
            yield from _excess(name, given, sources)
    for name, given in said.items():
        if name not in limits and _fetches(name):
            yield from _excess(name, given, _standing_in(name, limits))


def parsed(policy: str) -> Sources:
    """The directives of a policy in lower case, sources too; of duplicates the first counts (CSP3, 2.2.1)."""
    found: dict[str, tuple[str, ...]] = {}
    for part in policy.lower().split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0], tuple(words[1:]))
    return found


def _excess(name: str, given: tuple[str, ...], sources: tuple[str, ...] | None) -> Iterator[str]:
    """What is given beyond the sources; where nothing is said of the directive, only what undoes a policy."""
    beyond = [
        each for each in given if each != NOTHING and (each in UNSAFE if sources is None else each not in sources)
    ]
    if beyond:
        yield f"{name} also allows {' '.join([each for each in beyond if each in UNSAFE] or beyond)}"


def _standing_in(name: str, said: Sources) -> tuple[str, ...] | None:
    """The sources that count for a directive: its own, or those of what stands in for it."""
    chain = (name, *FALLBACKS.get(name, ()), "default-src") if _fetches(name) else (name,)
    return next((said[each] for each in chain if each in said), None)


def _fetches(name: str) -> bool:
    """Whether the directive says what may be loaded, so that others can stand in for it."""
    return name.endswith(("-src", "-src-elem", "-src-attr"))
