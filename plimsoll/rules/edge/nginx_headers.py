"""Headers as nginx files set them: which answers get them, and whom they are sent to."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import NginxFiles, NginxTree
from plimsoll.rules.nginx import SECURITY, Context, configs, head, spot, unique

__all__ = ["nginx_headers_always", "nginx_headers_downstream", "nginx_headers_inherited"]

ALWAYS = "always"
PROTECTING = frozenset(name.lower() for name in SECURITY)

ANSWERS = PROTECTING | {
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-credentials",
    "access-control-max-age",
    "set-cookie",
    "x-permitted-cross-domain-policies",
}
"""Headers that mean something in an answer, and nothing in a request (MDN, HTTP headers)."""

MERGING = "add_header_inherit"


def nginx_headers_always(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every protecting header that nginx adds is added to errors, too: without `always` a page of 404 has none."""
    added = [
        (tree, d)
        for tree in configs(nginx, files)
        for d in tree.named("add_header")
        if d.arguments and d.arguments[0].lower() in PROTECTING
    ]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"{d.arguments[0]} lacks `always`: answers with an error status go without it{tree.note}",
                fix=f"add_header {d.arguments[0]} … always;",
            )
            for tree, d in added
            if ALWAYS not in d.arguments[2:]
        ),
        looked=[f"{d.where}: {d.arguments[0]}" for _, d in added],
        expected="`always` after every protecting header",
        nothing="no nginx file adds a protecting header",
    )


def nginx_headers_inherited(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """No block of nginx that adds a header thereby drops the protecting ones that are set around it."""
    trees = configs(nginx, files)
    adding = [(tree, c) for tree in trees for c in tree.blocks if _added(tree, c)]
    return promise.judged(
        unique(hole for tree, context in adding for hole in _lost(tree, context)),
        looked=[f"{tree.source.name}: {head(context)}" for tree, context in adding],
        expected="every block that adds a header repeats the protecting ones around it",
        nothing="no nginx file adds a header",
    )


def nginx_headers_downstream(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """An nginx file sends headers that are meant for browsers to browsers, and not to the application."""
    sent = [(tree, d) for tree in configs(nginx, files) for d in tree.named("proxy_set_header") if d.arguments]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"{d.arguments[0]} is sent to the application, where it protects nobody{tree.note}",
                fix=f"add_header {d.arguments[0]} … always;",
            )
            for tree, d in sent
            if d.arguments[0].lower() in ANSWERS
        ),
        looked=[f"{d.where}: {d.arguments[0]}" for _, d in sent],
        expected="proxy_set_header for headers of requests only",
        nothing="no nginx file sets a header of a request",
    )


def _added(tree: NginxTree, context: Context) -> frozenset[str]:
    """The headers that a block itself adds."""
    return frozenset(d.arguments[0].lower() for d in tree.inside(context) if d.name == "add_header" and d.arguments)


def _lost(tree: NginxTree, context: Context) -> Iterator[Hole]:
    outside = tree.effective("add_header", context[:-1])
    if tree.effective(MERGING, context):
        return  # nginx 1.29.3 can be told to keep them
    lost = [d for d in outside if d.arguments and d.arguments[0].lower() in PROTECTING - _added(tree, context)]
    if lost:
        own = next(d for d in tree.inside(context) if d.name == "add_header")
        dropped = ", ".join(dict.fromkeys(d.arguments[0] for d in lost))
        yield Hole(
            spot=spot(own),
            what=f"add_header in {head(context)} drops {dropped}, set around it{tree.note}",
            fix="repeat them in this block, best by an include that both blocks have",
            beside=tuple(dict.fromkeys(map(spot, lost)))[:1],
        )
