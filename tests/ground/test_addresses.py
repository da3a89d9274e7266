"""Every zone's clients have addresses that are the zone's, and nobody else's."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network

import pytest

from plimsoll.errors import OutOfReach
from plimsoll.model import Zone
from plimsoll.stacks.ground.addresses import bridge_address, client_addresses, own_addresses


def zone(name: str, *networks: str) -> Zone:
    """A zone of these networks."""
    return Zone(name=name, networks=networks)


LANDSCAPES = [
    [zone("internet", "0.0.0.0/0", "::/0"), zone("office", "10.0.1.0/24")],
    [zone("world", "0.0.0.0/0"), zone("private", "10.0.0.0/8"), zone("vpn", "10.0.0.0/16", "fd00::/64")],
    [zone("internet", "0.0.0.0/0", "::/0"), zone("documents", "198.51.100.0/25", "192.0.2.0/24", "2001:db8::/32")],
    [
        zone("internet", "0.0.0.0/0"),
        zone("engine", "172.16.0.0/12"),
        zone("one", "10.9.8.7/32"),
        zone("two", "10.9.8.0/30"),
    ],
    [zone("halves", "0.0.0.0/1"), zone("other", "128.0.0.0/1")],
]


@pytest.mark.parametrize("zones", LANDSCAPES, ids=lambda zones: zones[-1].name)
def test_clients_are_where_they_should_be(zones: list[Zone]) -> None:
    """A client's address lies in its zone, and in no narrower network of another zone."""
    for each in zones:
        addresses = client_addresses(each, zones)
        assert len(set(addresses)) == len(addresses) > 0
        for address in map(ip_address, addresses):
            home = max(n.prefixlen for text in each.networks if address in (n := ip_network(text)))
            foreign = [ip_network(n) for other in zones if other is not each for n in other.networks]
            assert not [n for n in foreign if address in n and n.prefixlen > home]


@pytest.mark.parametrize("zones", LANDSCAPES[:-1], ids=lambda zones: zones[-1].name)
def test_the_host_belongs_to_nobody(zones: list[Zone]) -> None:
    """The host and its containers have addresses apart from every zone that is not the whole world."""
    networks = [ip_network(n) for each in zones for n in each.networks if not n.endswith("/0")]
    own = [ip_address(each) for each in own_addresses(zones)]

    assert [each.version for each in own] == [4, 6]
    assert not [n for n in networks for each in own if each in n]
    assert not [n for n in networks if n.version == 4 and n.overlaps(ip_interface(bridge_address(zones)).network)]


def test_a_world_without_room_is_out_of_reach() -> None:
    """Zones that take every address leave none for a host or for its containers."""
    with pytest.raises(OutOfReach, match="no address for the host"):
        own_addresses(LANDSCAPES[-1])
    with pytest.raises(OutOfReach, match="no network for containers"):
        bridge_address(LANDSCAPES[-1])
