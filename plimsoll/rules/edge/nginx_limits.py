"""Limits and zones as nginx files state them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations import Directive
from plimsoll.observations.artefacts import NginxFiles, NginxTree
from plimsoll.rules.nginx import configs, has_gap, head, spot, unique

__all__ = [
    "nginx_caches_named",
    "nginx_directives_placed",
    "nginx_limits_answer",
    "nginx_zones_applied",
    "nginx_zones_defined",
]

DEFINED = re.compile(r"(?:^|\s)(?:keys_)?zone=([\w.-]+)")
DEFINES = {"limit_req": "limit_req_zone", "limit_conn": "limit_conn_zone", "proxy_cache": "proxy_cache_path"}
"""What applies a zone, and what makes one."""

STATUSES = {"limit_req": "limit_req_status", "limit_conn": "limit_conn_status"}


def nginx_directives_placed(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every directive of an nginx file stands in a block where nginx takes it; else nginx takes nothing of the file."""
    trees = configs(nginx, files)
    return promise.judged(
        unique(
            Hole(
                spot=spot(each.directive),
                what=f"nginx refuses {each.directive.name} in {head(each.directive.context)}{tree.note}",
                fix=f"move it to {' or '.join(each.allowed[:3])}",
            )
            for tree in trees
            for each in tree.misplaced
        ),
        looked=[f"{tree.source.name}: {len(tree.directives)} directives" for tree in trees],
        expected="every directive where nginx takes it",
        nothing="no nginx file is for production",
    )


def nginx_zones_defined(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every zone that nginx applies, for a limit or a cache, is one that it makes."""
    trees = configs(nginx, files)
    made = {(d.name, zone) for tree in trees for d, zone in _made(tree)}
    applied = [(tree, d, zone) for tree in trees for d, zone in _applied(tree)]
    sure = [(tree, d, zone) for tree, d, zone in applied if tree.whole and not has_gap(tree, d.context)]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"{d.name} applies the zone {zone!r}, which no {DEFINES[d.name]} makes",
                fix=f"{DEFINES[d.name]} … zone={zone}:10m in http" if d.name != "proxy_cache" else "proxy_cache_path …",
            )
            for _, d, zone in sure
            if (DEFINES[d.name], zone) not in made
        ),
        looked=[f"{d.where}: {zone}" for _, d, zone in applied],
        expected="every zone that is applied is made",
        nothing="no nginx file applies a zone",
    )


def nginx_zones_applied(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every limit and every cache that nginx makes room for is applied somewhere."""
    trees = configs(nginx, files)
    applied = {(DEFINES[d.name], zone) for tree in trees for d, zone in _applied(tree)}
    vague = any("$" in zone for _, zone in applied)
    made = [(tree, d, zone) for tree in trees for d, zone in _made(tree)]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"the zone {zone!r} is made and never applied: nothing is limited or kept by it",
                fix=f"{_user(d)} where it is meant to hold",
            )
            for tree, d, zone in made
            if tree.whole and not tree.gaps and not vague and (d.name, zone) not in applied
        ),
        looked=[f"{d.where}: {zone}" for _, d, zone in made],
        expected="every zone is applied",
        nothing="no nginx file makes a zone",
    )


def nginx_limits_answer(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Whoever nginx holds back is told so by a status of the file's choice: the 503 of old looks like an outage."""
    limits = [(tree, d) for tree in configs(nginx, files) for d in tree.named(*STATUSES) if d.arguments]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"{d.name} refuses with 503, as if the server were down: no {STATUSES[d.name]} is set{tree.note}",
                fix=f"{STATUSES[d.name]} 429;",
            )
            for tree, d in limits
            if _says_nothing(tree, d)
        ),
        looked=[f"{d.where}: {d.name} {' '.join(d.arguments)}" for _, d in limits],
        expected="limit_req_status (or limit_conn_status) with every limit",
        nothing="no nginx file limits anybody",
    )


def nginx_caches_named(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Wherever nginx states how long answers are kept, it says which cache keeps them: without one, none does."""
    trees = configs(nginx, files)
    timed = [(tree, d) for tree in trees for d in tree.named("proxy_cache_valid")]
    any_cache = any(True for tree in trees for d in tree.named("proxy_cache", "proxy_cache_path"))
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"proxy_cache_valid keeps nothing: no proxy_cache turns a cache on{tree.note}",
                fix="proxy_cache_path … keys_zone=pages:10m in http, and proxy_cache pages; here",
            )
            for tree, d in timed
            if tree.lacks("proxy_cache", d.context)
            or (not any_cache and tree.around == ("http",) and not has_gap(tree, d.context))
        ),
        looked=[f"{d.where}: proxy_cache_valid {' '.join(d.arguments)}" for _, d in timed],
        expected="proxy_cache wherever proxy_cache_valid is",
        nothing="no nginx file states how long answers are kept",
    )


def _says_nothing(tree: NginxTree, limit: Directive) -> bool:
    """Whether no status is set; a piece is sure to be all there is of it where it makes the zone itself."""
    status = STATUSES[limit.name]
    if tree.lacks(status, limit.context):
        return True
    shown = any(d.name == DEFINES[limit.name] for d in tree.directives) and not has_gap(tree, limit.context)
    return shown and not tree.effective(status, limit.context)


def _made(tree: NginxTree) -> Iterator[tuple[Directive, str]]:
    """What makes a zone, and its name."""
    for directive in tree.named(*DEFINES.values()):
        if found := DEFINED.search(" ".join(directive.arguments)):
            yield directive, found[1]


def _applied(tree: NginxTree) -> Iterator[tuple[Directive, str]]:
    """What applies a zone, and its name."""
    for directive in tree.named(*DEFINES):
        said = " ".join(directive.arguments)
        found = DEFINED.search(said)
        zone = found[1] if found else directive.arguments[0] if directive.arguments else ""
        if zone and zone != "off" and (found or directive.name != "limit_req"):
            yield directive, zone


def _user(maker: Directive) -> str:
    return next(user for user, made_by in DEFINES.items() if made_by == maker.name)
