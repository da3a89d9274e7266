"""A host among its zones: what its firewall really does, in containers and on this machine alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.observations import Published
from tests.ground.places import KINDS, deployment, laid, seen, states

UFW = """
set -eu
ufw --force reset
ufw default {default} incoming
ufw allow 22/tcp
ufw allow 443/tcp
ufw allow from 10.0.1.0/24 to any port 5432 proto tcp
ufw --force enable
"""
NFT_IPV4_ONLY = """
table ip guard {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    tcp dport { 22, 443 } accept
    ip saddr 10.0.1.0/24 tcp dport 5432 accept
  }
}
"""
BOTH_OPEN = {"IPv4": "open", "IPv6": "open"}

each_kind = pytest.mark.parametrize("kind", KINDS)


@each_kind
def test_each_zone_reaches_what_is_open_to_it(kind: str, tmp_path: Path) -> None:
    """The same ports look different from different zones; every closed one was open before the firewall stood."""
    host = deployment(tmp_path, UFW.format(default="deny"))

    with laid(kind, host) as ground:
        found = seen(ground, host)

    assert states(found, "internet", 443) == states(found, "office", 22) == BOTH_OPEN
    assert states(found, "internet", 5432) == {"IPv4": "silent", "IPv6": "silent"}
    assert states(found, "office", 5432) == {"IPv4": "open", "IPv6": "silent"}
    assert all(states(found, zone, port).keys() == BOTH_OPEN.keys() for zone in found.zones for port in found.unnamed)
    assert {row.state for row in found.outgoing} == {"open"}
    assert (found.refusal, found.trouble) == ("", "")
    assert "Status: active" in found.status


@each_kind
def test_rejecting_is_told_from_dropping(kind: str, tmp_path: Path) -> None:
    """A firewall that answers with an error is heard; one that drops is not."""
    host = deployment(tmp_path, UFW.format(default="reject"))

    with laid(kind, host) as ground:
        found = seen(ground, host)

    assert states(found, "internet", 5432) == {"IPv4": "refused", "IPv6": "refused"}


@each_kind
def test_rules_for_one_family_leave_the_other_open(kind: str, tmp_path: Path) -> None:
    """A table of IPv4 alone, as many guides write it, says nothing of IPv6."""
    host = deployment(tmp_path, NFT_IPV4_ONLY, suffix="nft")

    with laid(kind, host) as ground:
        found = seen(ground, host)

    assert states(found, "internet", 5432) == {"IPv4": "silent", "IPv6": "open"}
    assert states(found, "office", 5432) == BOTH_OPEN


@each_kind
def test_what_is_published_goes_past_the_firewall(kind: str, tmp_path: Path) -> None:
    """A published port is reached in a container, whatever ufw says; one bound to the loopback is not."""
    host = deployment(tmp_path, UFW.format(default="deny"))
    line = {"service": "postgres", "file": "compose.yml", "line": 3}
    world = Published(port=5432, inside=15432, **line)  # type: ignore[arg-type] # as its fields say
    local = Published(port=6379, inside=6379, address="127.0.0.1", **line)  # type: ignore[arg-type] # likewise

    with laid(kind, host) as ground:
        found = seen(ground, host, world, local)

    assert states(found, "internet", 5432) == {"IPv4": "open container", "IPv6": "silent"}
    assert not list(found.of("internet", 6379))
    assert "5432" in found.status
    assert "Anywhere" not in next(line for line in found.status.splitlines() if line.startswith("5432"))


@each_kind
def test_a_firewall_that_fails_says_so(kind: str, tmp_path: Path) -> None:
    """A script that ends half way is reported with its own last words."""
    host = deployment(tmp_path, "set -eu\nufw allow 22/tpc\nufw --force enable\n")

    with laid(kind, host) as ground:
        found = seen(ground, host)

    assert "ERROR" in found.refusal


@each_kind
def test_every_firewall_begins_anew(kind: str, tmp_path: Path) -> None:
    """What one version of the rules opened is closed by the next: nothing of the first is left."""
    host = deployment(tmp_path, UFW.format(default="allow"))

    with laid(kind, host) as ground:
        before = seen(ground, host)
        (tmp_path / "firewall.sh").write_text(UFW.format(default="deny"), encoding="utf-8")
        after = seen(ground, host)

    assert states(before, "internet", 5432) == BOTH_OPEN
    assert states(after, "internet", 5432) == {"IPv4": "silent", "IPv6": "silent"}


@each_kind
def test_a_zone_is_a_place_to_stand_in(kind: str, tmp_path: Path) -> None:
    """Programs run in a zone see its addresses only, and meet the host's own SSH server with the deployment's file."""
    host = deployment(tmp_path, UFW.format(default="deny"), files={"/etc/ssh/sshd_config": "Port 2022\n"})

    with laid(kind, host) as ground:
        address, port = ground.ssh()
        addresses = ground.run("office", ["ip", "-brief", "address"]).output
        scan = ground.run("office", ["ssh-keyscan", "-T", "3", "-t", "ed25519", "-p", str(port), address])

    assert port == 2022
    assert "10.0.1." in addresses
    assert "198.51.100." not in addresses
    assert "ssh-ed25519" in scan.output
