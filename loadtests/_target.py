"""How a target is asked: from which address, and with what TLS."""

from __future__ import annotations

import ssl

from plimsoll.errors import BadInput
from plimsoll.observations.load import Target

PER_NET = 250
"""Client addresses in each /24 of loopback; the first net is 127.32.0.0."""

FIRST_NET = 32
NETS = 60


def source(target: Target, number: int) -> str:
    """The client address of that journey; "" leaves it to the kernel."""
    if not target.clients:
        return ""
    net, host = divmod(number % target.clients, PER_NET)
    return f"127.{FIRST_NET + net // PER_NET % NETS}.{net % PER_NET}.{host + 1}"


def tls(target: Target) -> ssl.SSLContext | None:
    """What TLS is spoken with: certificates are verified, against the run's own authority if it has one."""
    if target.scheme != "https":
        return None
    try:
        context = ssl.create_default_context(cadata=target.authority or None)
    except ssl.SSLError as error:
        raise BadInput(f"the authority to trust is no PEM: {error}", hint="a file of CERTIFICATE blocks") from error
    context.set_alpn_protocols(["http/1.1"])
    return context
