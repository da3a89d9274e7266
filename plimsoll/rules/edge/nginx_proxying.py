"""How nginx files pass requests on."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations import Directive
from plimsoll.observations.artefacts import NginxFiles, NginxTree
from plimsoll.rules.nginx import configs, has_gap, head, headers_set, is_web, kind, passes, spot, target, unique
from plimsoll.shape import nearest

__all__ = ["nginx_clients_named", "nginx_connections_kept", "nginx_peers_watched", "nginx_upstreams_known"]

WHO = {"host": "Host $host", "x-forwarded-for": "X-Forwarded-For $proxy_add_x_forwarded_for"}
"""Whom a request was sent to, and who sent it: what the application cannot know of a proxied one by itself."""


def nginx_clients_named(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every request that nginx passes on says which name was asked for, and by whom."""
    passed = [(tree, d) for tree in configs(nginx, files) for d in passes(tree) if _is_ours(tree, d)]
    return promise.judged(
        unique(hole for tree, d in passed if (hole := _anonymous(tree, d))),
        looked=[f"{d.where}: proxy_pass {d.arguments[0]}" for _, d in passed],
        expected="proxy_set_header Host and X-Forwarded-For wherever a request is passed on",
        nothing="no nginx file passes requests on",
    )


def nginx_connections_kept(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Where an upstream keeps connections, requests are passed on so that it can: HTTP/1.1, and no word to close."""
    trees = configs(nginx, files)
    keeping = {_upstream(d): d for tree in trees for d in tree.named("keepalive") if kind(d.context) == "upstream"}
    keeping = {name: d for name, d in keeping.items() if d.arguments[:1] != ("0",)}
    used = [(tree, d, target(d)[1]) for tree in trees for d in passes(tree) if target(d)[1] in keeping]
    return promise.judged(
        unique(
            Hole(spot=spot(d), what=f"{what}{tree.note}", fix=fix, beside=(spot(keeping[name]),))
            for tree, d, name in used
            for what, fix in _closing(tree, d, name)
        ),
        looked=[f"{d.where}: {name}" for _, d, name in used],
        expected="proxy_http_version 1.1 and no Connection header of one's own",
        nothing="no upstream keeps connections",
    )


def nginx_peers_watched(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every upstream of several servers leaves out one that fails: max_fails=0 goes on asking the dead."""
    peers = [
        (tree, d)
        for tree in configs(nginx, files)
        for d in tree.named("server")
        if kind(d.context) == "upstream" and is_web(d.context)
    ]
    several = [(tree, d) for tree, d in peers if sum(other.context == d.context for _, other in peers) > 1]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"max_fails=0: {d.arguments[0]} is asked for ever, dead or alive{tree.note}",
                fix="max_fails=3 fail_timeout=30s",
            )
            for tree, d in several
            if "max_fails=0" in d.arguments
        ),
        looked=[f"{d.where}: {' '.join(d.arguments)}" for _, d in several],
        expected="no max_fails=0",
        nothing="no upstream has several servers",
    )


def nginx_upstreams_known(promise: Promise, nginx: NginxFiles, *, files: str = "") -> Finding:
    """Every upstream that nginx passes requests to is one that it has: no name is a slip of another."""
    trees = configs(nginx, files)
    upstreams = {_upstream(d) for tree in trees for d in tree.directives if kind(d.context) == "upstream"}
    asked = [(tree, d, name) for tree in trees for d, name in _names(tree)]
    return promise.judged(
        unique(
            Hole(
                spot=spot(d),
                what=f"no upstream is called {name}{meant}{tree.note}",
                fix=f"one of {', '.join(sorted(upstreams))}",
            )
            for tree, d, name in asked
            if name not in upstreams and (meant := nearest(name, upstreams))
        ),
        looked=[f"{d.where}: {name}" for _, d, name in asked],
        expected="names of upstreams that are there",
        nothing="no nginx file passes requests to a name",
    )


def _anonymous(tree: NginxTree, passing: Directive) -> Hole | None:
    sent = headers_set(tree, passing.context)
    missing = [said for name, said in WHO.items() if name not in sent]
    if "forwarded" in sent:
        missing = [said for said in missing if said.startswith("Host")]
    if (
        not missing
        or has_gap(tree, passing.context)
        or (not sent and not tree.lacks("proxy_set_header", passing.context))
    ):
        return None
    why = "a block that sets one header itself inherits none" if sent else "nothing sets them"
    lost = " and ".join(said.partition(" ")[0] for said in missing)
    return Hole(
        spot=spot(passing),
        what=f"{head(passing.context)} passes requests on without {lost}: {why}{tree.note}",
        fix="; ".join(f"proxy_set_header {said}" for said in missing) + ";",
        beside=(spot(next(iter(sent.values()))),) if sent else (),
    )


def _is_ours(tree: NginxTree, passing: Directive) -> bool:
    """Whether what is passed on is a visitor's request, to an application of one's own."""
    _, host, _ = target(passing)
    name = host.rpartition(":")[0] or host
    foreign = "." in name and not name.replace(".", "").isdigit()
    internal = any(d.name == "internal" for d in tree.inside(passing.context))
    return bool(host) and not foreign and not internal


def _closing(tree: NginxTree, passing: Directive, name: str) -> Iterator[tuple[str, str]]:
    version = tree.effective("proxy_http_version", passing.context)
    if tree.lacks("proxy_http_version", passing.context) or any(d.arguments[:1] == ("1.0",) for d in version):
        what = f"the connections that {name} should keep are closed: requests are passed on in HTTP/1.0"
        yield what, "proxy_http_version 1.1;"
    sent = headers_set(tree, passing.context)
    connection = sent.get("connection")
    if connection is None and (sent or tree.lacks("proxy_set_header", passing.context)):
        if not has_gap(tree, passing.context):
            what = f"the connections that {name} should keep are closed: `Connection: close` is passed on"
            yield what, 'proxy_set_header Connection "";'
    elif (
        connection and _is_general(passing) and (words := connection.arguments[1:]) and words[0] and "$" not in words[0]
    ):
        what = f"the connections that {name} should keep are not: `Connection: {words[0]}` goes with every request"
        yield what, 'proxy_set_header Connection ""; (or a map of $http_upgrade)'


def _is_general(passing: Directive) -> bool:
    """Whether all kinds of requests are passed on there; a location of its own may be for sockets alone."""
    return head(passing.context) in ("location /", "location ^~ /", "if") or kind(passing.context) == "server"


def _names(tree: NginxTree) -> Iterator[tuple[Directive, str]]:
    """The names, without dots and ports, that requests are passed to: such a name is that of an upstream."""
    for directive in passes(tree):
        _, host, _ = target(directive)
        if _is_plain(host):
            yield directive, host


def _is_plain(host: str) -> bool:
    return bool(host) and host.replace("-", "").replace("_", "").isalnum() and host != "localhost"


def _upstream(directive: Directive) -> str:
    """The name of the upstream that a directive stands in."""
    return head(directive.context).partition(" ")[2]
