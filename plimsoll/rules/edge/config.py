"""What the deployment's own files say, where the effect cannot be seen from outside."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.model import Finding, Hole, Promise, Spot
from plimsoll.observations import NginxConfig
from plimsoll.rules.blocks import arguments, blocks_of, spot_of, where_is

__all__ = ["nginx_directives"]


def nginx_directives(
    promise: Promise, config: NginxConfig, *, directives: Mapping[str, str], server: str = "", block: str = ""
) -> Finding:
    """In every block meant, the effective value of each directive is the promised one.

    `server` is a server's name, `tls` for all that speak TLS, `plain` for all others; `block` is a block's head, e.g.
    `upstream web` or `location /api/`, inside those servers if both are said; `http` is what all servers inherit. The
    value is compared argument by argument with the promised words (`""` for an empty one); more arguments may follow.
    nginx must accept the file.
    """
    expected = "; ".join(f"{name} {value}" for name, value in directives.items())
    if config.test_passed is False:
        return promise.broken(
            expected=expected,
            actual=config.test,
            message=f"nginx refuses the configuration: {config.test}",
            hint="nothing in a file that nginx refuses ever takes effect; run nginx -t before a reload",
        )
    meant = " in ".join(filter(None, (block, f"server {server}" if server else "")))
    blocks = blocks_of(config, server=server, block=block)
    if not blocks:
        return promise.unknown(
            f"no {meant or 'block'} was found in the configuration",
            expected=expected,
            hint='server = "…" and/or block = "upstream …" say where to look',
        )
    wrong, evidence, holes = [], [], []
    for context in blocks:
        for name, value in directives.items():
            found = config.effective(name, context)
            wanted = arguments(value)
            said = [" ".join(d.arguments) for d in found]
            evidence += [f"{d.where}: {name} {' '.join(d.arguments)}" for d in found]
            if not any(d.arguments[: len(wanted)] == wanted for d in found):
                place = found[0].where if found else where_is(context)
                what = f"{name} is {' | '.join(said) or 'not set'}"
                wrong.append(f"{place}: {what}")
                spot = Spot(found[0].file, found[0].line) if found else spot_of(context)
                holes.append(Hole(spot=spot, what=what, fix=f"{name} {value};"))
    if wrong:
        return promise.broken(
            expected=expected,
            actual="; ".join(wrong),
            message=f"the edge's configuration is not as promised: {wrong[0]}",
            hint=f"set {expected}",
            evidence=evidence,
            holes=[hole for hole in holes if hole.spot.file],
        )
    at_rest = " of the file at rest; this run could not ask the server" if config.test_passed is None else ""
    return promise.kept(
        expected=expected,
        actual=f"in {len(blocks)} {'block' if len(blocks) == 1 else 'blocks'}{at_rest}",
        evidence=sorted(set(evidence)),
    )
