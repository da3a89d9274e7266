"""Which addresses the host and its zones get on a ground. Pure: none of them exists outside of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_interface, ip_network
from itertools import islice

from plimsoll.errors import OutOfReach
from plimsoll.model import Zone

Network = IPv4Network | IPv6Network

EVERYWHERE: Mapping[int, Network] = {4: ip_network("198.51.100.0/24"), 6: ip_network("2001:db8:ffff::/64")}
"""Where clients from everywhere come from: addresses kept free for documentation (RFC 5737, RFC 3849)."""

HOSTS = ("192.0.2.1", "203.0.113.1", "100.64.0.1", "2001:db8:1::1", "2001:db8:2::1", "fd6c:7065::1")
BRIDGES = ("172.17.0.1/16", "192.168.250.1/24", "10.250.0.1/24", "100.80.0.1/24")
"""The first is where an engine's containers are unless somebody chose otherwise."""

CLIENTS: Mapping[int, int] = {4: 6, 6: 1}
"""Addresses of a zone: in IPv4 so many that some may be banned while another is not."""

FIRST = 10
"""The first addresses of a network are its routers' by custom."""


def own_addresses(zones: Iterable[Zone]) -> tuple[str, ...]:
    """The host's own address in both families, in no zone's network."""
    taken = [network for zone in zones for network in _networks(zone) if network.prefixlen]
    free = [each for each in HOSTS if not any(ip_address(each) in network for network in taken)]
    found = {(":" in each): each for each in reversed(free)}
    if len(found) < len(CLIENTS):
        raise OutOfReach("the zones leave no address for the host", hint=f"one of {', '.join(HOSTS)} must be free")
    return found[False], found[True]


def bridge_address(zones: Iterable[Zone]) -> str:
    """The address and network of the bridge that containers hang on, apart from every zone's."""
    taken = [network for zone in zones for network in _networks(zone) if network.prefixlen]
    for each in BRIDGES:
        here = ip_interface(each).network
        if not any(here.version == network.version and here.overlaps(network) for network in taken):
            return each
    raise OutOfReach("the zones leave no network for containers", hint=f"one of {', '.join(BRIDGES)} must be free")


def client_addresses(zone: Zone, zones: Iterable[Zone]) -> tuple[str, ...]:
    """Addresses of clients in a zone, out of each of its networks, and in no network that is another zone's alone."""
    others = [network for other in zones if other.name != zone.name for network in _networks(other)]
    return tuple(address for network in _networks(zone) for address in _clients(network, others))


def _clients(network: Network, others: list[Network]) -> Iterable[str]:
    left = [network if network.prefixlen else EVERYWHERE[network.version]]
    for other in others:
        if other.version == network.version and other.prefixlen > network.prefixlen:
            left = [rest for each in left for rest in _without(each, other)]
    if not left:
        return
    biggest = min(left, key=lambda each: each.prefixlen)
    start = FIRST if biggest.num_addresses > 2 * FIRST else int(biggest.num_addresses > 1)
    yield from (str(biggest[number]) for number in islice(_numbers(biggest, start), CLIENTS[network.version]))


def _numbers(network: Network, start: int) -> Iterable[int]:
    """The places of a network's addresses for hosts, from one on; the last of many is for broadcasts."""
    return range(start, max(network.num_addresses - (network.num_addresses > 2), start + 1))  # noqa: PLR2004 - RFC 3021


def _without(network: Network, other: Network) -> list[Network]:
    """What is left of a network without another."""
    if not network.overlaps(other):
        return [network]
    if other.prefixlen <= network.prefixlen:
        return []
    return list(network.address_exclude(other))  # type: ignore[arg-type] # likewise


def _networks(zone: Zone) -> list[Network]:
    return [ip_network(network) for network in zone.networks]
