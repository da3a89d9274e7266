"""Configurations as deployments write them, and how they read where a stack runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.errors import BadInput, StackFailed
from plimsoll.model import Deployment, Service
from plimsoll.stacks.configs.addresses import moved
from plimsoll.stacks.configs.nginx import tls_ports
from plimsoll.stacks.configs.postgres import PostgresConfig
from plimsoll.stacks.configs.redis import RedisConfig
from plimsoll.stacks.processes.nginx import Relocation

CACHE = Service(role="cache", recipe="redis", ports=(6379,), config="redis.conf")
SAFE_CACHE = Service(role="cache", recipe="redis", ports=(6379, 6380), certificate="/tls/c.crt", key="/tls/c.key")
DATA = Service(role="data", recipe="postgres", ports=(5432,), certificate="/tls/d.crt", key="/tls/d.key")
EDGE = Service(role="edge", recipe="nginx", ports=(443, 80), config="nginx.conf")


def redis_lines(service: Service, fragment: str) -> list[str]:
    """The lines of a Redis configuration whose ports are 10000 higher here, and whose files lie in /here."""
    ports = {port: port + 10_000 for port in service.ports}
    config = RedisConfig(service=service, fragment=fragment)
    text = config.text(password="secret", bind="127.0.0.1", folder="/run", ports=ports, place="/here{}".format)  # noqa: S106 - made up
    return text.splitlines()


def postgres_lines(fragment: str, *, followed: bool = False) -> list[str]:
    """The lines of a PostgreSQL configuration whose files lie in /here."""
    config = PostgresConfig(service=DATA, fragment=fragment, followed=followed)
    return config.text(base="/base.conf", place="/here{}".format, more={}).splitlines()


def nginx_text(tmp_path: Path, text: str, *, ipv6: bool = True) -> str:
    """An nginx configuration as it is once it was relocated."""
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    relocation = Relocation(
        service=EDGE,
        ports={443: 20443, 80: 20080},
        upstreams={"web:3000": ["127.0.0.1:20001"], "api:3001": ["127.0.0.1:20002", "127.0.0.1:20003"]},
        artefacts=tmp_path,
        rendered=tmp_path / "rendered",
        files={},
        private=tmp_path / "private",
        ipv6=ipv6,
    )
    return relocation.render().read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("http://api:3001/v1", "http://10.0.0.1:3901/v1"),
        ("web:3000,api:3001", "10.0.0.1:3900,10.0.0.1:3901"),
        ("my-api:3001 x.api:3001", "my-api:3001 x.api:3001"),
        ("api:30010 api:3001x", "api:30010 10.0.0.1:3901x"),
        ("api:3000", "api:3000"),
        ("https://api.shop.example:3001", "https://api.shop.example:3001"),
    ],
)
def test_addresses_are_moved(text: str, here: str) -> None:
    """Only a role with a port of its own is an address; what merely looks like one stays."""
    services = {role: Service(role=role, recipe="app", ports=(port,)) for role, port in (("web", 3000), ("api", 3001))}

    assert moved(text, services, lambda _, port: ("10.0.0.1", port + 900)) == here


def test_redis_is_where_the_stack_has_it() -> None:
    """Places are the stack's, files are found, and all else is the fragment's."""
    lines = redis_lines(
        CACHE, "# net\nbind 10.0.0.1\nport 6379\ndir /var/lib/redis\naclfile /etc/users.acl\nmaxmemory 2gb"
    )

    assert [line for line in lines if line.split()[0] in ("bind", "port", "dir")] == [
        "bind 127.0.0.1",
        "dir /run",
        "port 16379",
    ]
    assert {"aclfile /here/etc/users.acl", "maxmemory 2gb", "requirepass secret"} <= set(lines)


def test_redis_has_our_password_or_none() -> None:
    """A password in the fragment is not the run's; that there shall be none is a mutant's wish."""
    stated, none = redis_lines(CACHE, "requirepass theirs"), redis_lines(CACHE, 'requirepass ""')

    assert [line for line in stated if line.startswith("requirepass")] == ["requirepass secret"]
    assert [line for line in none if line.startswith("requirepass")] == ["requirepass secret", 'requirepass ""']


def test_redis_follows_where_the_stack_has_the_other() -> None:
    """A replica is told where and by which password before its fragment, a leader by which one it would be."""
    copy = Service(role="copy", recipe="redis", ports=(6379,), settings={"follows": "cache"})
    shop = Deployment(
        name="shop", root=Path(), hosts=("shop.example",), promises=(), services={"cache": CACHE, "copy": copy}
    )
    fragment = "replicaof elsewhere 1\nmasterauth theirs\ninclude /data/role*.conf"

    def lines(service: Service) -> list[str]:
        config = RedisConfig.of(shop, service, fragment, lambda role, port: (f"{role}.here", port + 1))
        text = config.text(password="secret", bind="::1", folder="/run", ports={6379: 16379}, place=str)  # noqa: S106 - made up
        return text.splitlines()

    assert lines(CACHE)[:2] == lines(copy)[:2] == ["requirepass secret", "masterauth secret"]
    assert not any(line.startswith(("replicaof", "masterauth theirs")) for line in lines(CACHE))
    assert [line for line in lines(copy) if line.startswith(("replicaof", "include"))] == [
        "replicaof cache.here 6380",
        "include /data/role*.conf",
    ]


def test_redis_speaks_tls_where_it_has_a_certificate() -> None:
    """On its first port and no other, unless the fragment says which."""
    alone, both = RedisConfig(service=SAFE_CACHE), RedisConfig(service=SAFE_CACHE, fragment="port 6379")

    assert (alone.plain_port, alone.tls_port) == (0, 6379)
    assert (both.plain_port, both.tls_port) == (6379, 6380)
    assert {"port 0", "tls-port 16379", "tls-cert-file /here/tls/c.crt"} <= set(redis_lines(SAFE_CACHE, ""))


def test_a_port_that_nobody_declared_is_named() -> None:
    """The configuration and the service must agree on ports."""
    with pytest.raises(BadInput, match=r"redis\.conf listens on 7000, which the service does not declare"):
        redis_lines(CACHE, "port 7000")


def test_postgres_is_where_the_stack_has_it() -> None:
    """The fragment's figures count and come last, its places do not, and quoted texts stay as they are."""
    lines = postgres_lines(
        "port = 5432\nfsync = on # sure\nlog_line_prefix = '%t [%p]: it''s '\nssl_cert_file '/tls/d.crt'\n"
    )

    assert lines[0] == "include '/base.conf'"
    assert lines[-3:] == ["fsync = on", "log_line_prefix = '%t [%p]: it''s '", "ssl_cert_file = '/here/tls/d.crt'"]
    assert {"fsync = off", "ssl = on"} <= set(lines[:-3])
    assert not any(line.startswith("port") for line in lines)


def test_postgres_keeps_what_a_standby_needs() -> None:
    """Only a server that is followed keeps more of its log than it needs itself."""
    assert "wal_keep_size = 64MB" in postgres_lines("", followed=True)
    assert "wal_keep_size = 64MB" not in postgres_lines("")


@pytest.mark.parametrize(
    ("said", "encrypts"), [("", True), ("ssl = off", False), ("ssl 'true'", True), ("ssl=0", False)]
)
def test_postgres_encrypts_as_its_fragment_says(said: str, encrypts: bool) -> None:
    """With a certificate it does unless the fragment says otherwise."""
    assert PostgresConfig(service=DATA, fragment=said).encrypts is encrypts


def test_nginx_listens_on_loopback_of_either_family(tmp_path: Path) -> None:
    """A port is the stack's in both families; where this machine lacks one, it is left out."""
    text = "http {\nserver {\nlisten [::]:443 ssl;\nlisten 443 ssl;\nlisten 80;\n}\n}\n"

    assert "listen [::1]:20443 ssl;\nlisten 127.0.0.1:20443 ssl;\nlisten 127.0.0.1:20080;" in nginx_text(tmp_path, text)
    assert "[" not in nginx_text(tmp_path, text, ipv6=False)
    with pytest.raises(StackFailed, match="listens on 8443, which the service does not declare"):
        nginx_text(tmp_path, "server { listen 8443; }\n")


def test_nginx_reaches_every_role(tmp_path: Path) -> None:
    """Upstream servers become one for each replica; where one address is wanted, it is the first."""
    text = nginx_text(
        tmp_path,
        "http {\nupstream all { server web:3000; server api:3001 max_fails=1; server 10.1.1.1:90; }\n"
        "set $there api:3001;\nproxy_pass http://web:3000/x;\nproxy_cache_path /var/cache/x keys_zone=x:1m;\n}\n",
    )

    assert "server 127.0.0.1:20001;" in text
    assert "server 127.0.0.1:20002 max_fails=1; server 127.0.0.1:20003 max_fails=1; server 10.1.1.1:90;" in text
    assert "set $there 127.0.0.1:20002;\nproxy_pass http://127.0.0.1:20001/x;" in text
    assert f"proxy_cache_path {tmp_path}/private/root/var/cache/x keys_zone=x:1m;" in text


def test_the_ports_that_speak_tls(tmp_path: Path) -> None:
    """As the configuration's listen lines say, those of included files among them."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.conf").write_text("server { }\n  listen [::]:8443 ssl http2;\n", encoding="utf-8")
    (tmp_path / "nginx.conf").write_text("listen 80;\nlisten 443 ssl;\n# listen 81 ssl;\n", encoding="utf-8")
    edge = Service(role="edge", recipe="nginx", config="nginx.conf", files={"sites": "/etc/nginx/sites"})

    assert tls_ports(edge, tmp_path) == {443, 8443}
