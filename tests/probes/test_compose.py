"""What a compose file publishes is read in every way it can be written, with the line it stands on."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.errors import CouldNotLook
from plimsoll.probes.files.compose import read

HEAD = "services:\n  app:\n    image: app\n    ports:\n"


def published(path: Path, *entries: str) -> list[tuple[str, int, int, str]]:
    """Address, port, port inside and protocol of what the entries publish."""
    file = path / "compose.yml"
    file.write_text(HEAD + "".join(f"      - {entry}\n" for entry in entries), encoding="utf-8")
    return [(each.address, each.port, each.inside, each.protocol) for each in read(file, "compose.yml")]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('"80:8080"', [("", 80, 8080, "tcp")]),
        ('"127.0.0.1:5432:5432"', [("127.0.0.1", 5432, 5432, "tcp")]),
        ('"10.0.1.5:5432:5432"', [("10.0.1.5", 5432, 5432, "tcp")]),
        ('"0.0.0.0:80:80"', [("", 80, 80, "tcp")]),
        ('"[::1]:80:8080"', [("::1", 80, 8080, "tcp")]),
        ('"[::]:80:8080"', [("", 80, 8080, "tcp")]),
        ('"53:53/udp"', [("", 53, 53, "udp")]),
        ('"3000-3002:4000-4002"', [("", 3000, 4000, "tcp"), ("", 3001, 4001, "tcp"), ("", 3002, 4002, "tcp")]),
        ('"127.0.0.1:9090-9091:80"', [("127.0.0.1", 9090, 80, "tcp"), ("127.0.0.1", 9091, 80, "tcp")]),
        ('"${PORT:-8443}:443"', [("", 8443, 443, "tcp")]),
        ("{ target: 80, published: 8080 }", [("", 8080, 80, "tcp")]),
        ('{ target: 53, published: "53", protocol: udp }', [("", 53, 53, "udp")]),
        ("{ target: 80, published: 8080, host_ip: 127.0.0.1 }", [("127.0.0.1", 8080, 80, "tcp")]),
        ('"8080"', []),  # only the container's port: the engine chooses the host's
        ("{ target: 80 }", []),
    ],
)
def test_every_syntax(tmp_path: Path, entry: str, expected: list[tuple[str, int, int, str]]) -> None:
    """The short syntax and the long one, addresses of both families, ranges, protocols and variables."""
    assert published(tmp_path, entry) == expected


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """Each port knows the line that publishes it, also in lists on one line."""
    file = tmp_path / "compose.yml"
    file.write_text(f'{HEAD}      - "80:80"\n      - target: 1\n        published: 443\n  db: {{ports: ["1:1"]}}\n')

    assert [(each.service, each.port, each.line) for each in read(file, "compose.yml")] == [
        ("app", 80, 5),
        ("app", 443, 6),
        ("db", 1, 8),
    ]


def test_a_service_on_the_hosts_network_publishes_nothing(tmp_path: Path) -> None:
    """Its ports are the host's own, and meet the host's firewall."""
    file = tmp_path / "compose.yml"
    file.write_text('services:\n  app:\n    network_mode: host\n    ports: ["80:80"]\n', encoding="utf-8")

    assert not list(read(file, "compose.yml"))


@pytest.mark.parametrize("entry", ['"${PORT}:443"', '"eighty:80"', '"80:80:80:80"'])
def test_what_cannot_be_read_is_no_empty_list(tmp_path: Path, entry: str) -> None:
    """A port that nobody can tell is said with its line, and never taken for none."""
    if entry.startswith('"${PORT}'):
        assert published(tmp_path, entry) == []  # without a value compose lets the engine choose
        return
    with pytest.raises(CouldNotLook, match=r"compose\.yml:5: cannot tell which port"):
        published(tmp_path, entry)


@pytest.mark.parametrize("text", ["services: [", "\x00", "services:\n\t- a"])
def test_no_yaml_is_no_empty_file(tmp_path: Path, text: str) -> None:
    """A file that is not YAML is an error with its name."""
    (tmp_path / "compose.yml").write_text(text, encoding="utf-8")

    with pytest.raises(CouldNotLook, match=r"compose\.yml cannot be read"):
        list(read(tmp_path / "compose.yml", "compose.yml"))
