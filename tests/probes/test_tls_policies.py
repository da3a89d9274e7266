"""The TLS policies judge real servers: who is right stays green however odd, and every way to be wrong is named."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping

import pytest
import trustme

from plimsoll.deployment import read_deployment
from plimsoll.inspection import Inspection
from plimsoll.looks import Scene
from plimsoll.model import Finding, Outcome
from plimsoll.promises import POLICIES
from plimsoll.stacks.live import LiveStack
from tests.probes.conftest import Authority
from tests.probes.tls_servers import Site, certificate, nginx

MODERN_SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
STRICT = (
    "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305;"
    "ssl_ecdh_curve X25519:prime256v1:secp384r1; ssl_prefer_server_ciphers off;"
)
OF_6_0 = "6877732cd3e8e1cea395b4be160dd1d17e5571d3cab54932d285f943b63de124"

Judge = Callable[[str, str], Mapping[str, Finding]]

EC, RSA = trustme.KeyType.ECDSA, trustme.KeyType.RSA


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Judge]:
    """What a policy says of a server, by promise."""
    folder = tmp_path_factory.mktemp("policies")
    curve, prime = (certificate(authority.ca, folder / f"{kind.name}.pem", kind=kind) for kind in (EC, RSA))
    wild = certificate(authority.ca, folder / "wild.pem", "*.site.example", "localhost")
    long = certificate(authority.ca.create_child_ca(), folder / "long.pem")
    one, groups = "ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384;", "ssl_ecdh_curve X25519:secp384r1;"
    sites = {
        "curve": Site(certificates=(curve,), directives=STRICT),
        "prime": Site(certificates=(prime,), directives=STRICT),
        "both": Site(certificates=(curve, prime), directives=STRICT),
        "wild": Site(certificates=(wild,), directives=STRICT),
        "long": Site(certificates=(long,), directives=STRICT),
        "newest": Site(certificates=(curve,), directives=STRICT, protocols="TLSv1.3", http2=True),
        "fewest": Site(certificates=(curve,), directives=one + groups),
        "before": Site(certificates=(curve,), directives=STRICT, protocols="TLSv1.2"),
        "ordered": Site(certificates=(curve,), directives=STRICT.replace("ciphers off", "ciphers on")),
        "untouched": Site(certificates=(prime,)),
        "old": Site(
            certificates=(curve,),
            directives=STRICT.replace("ssl_ciphers ", "ssl_ciphers ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0:"),
            protocols="TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        ),
        "groups": Site(certificates=(curve,), directives=STRICT.replace("secp384r1", "secp521r1")),
    }
    with nginx(folder, sites) as ports:

        def judged(policy: str, site: str) -> Mapping[str, Finding]:
            file = folder / f"{policy}-{site}" / "deployment.toml"
            file.parent.mkdir(exist_ok=True)
            (file.parent / "ca.pem").write_bytes(authority.pem.read_bytes())
            live = f'[live]\nurl = "https://localhost:{ports[site]}"\naddress = "127.0.0.1"\nca = "ca.pem"\n'
            file.write_text(f'name = "{site}"\nhosts = ["localhost"]\npolicies = ["{policy}"]\n{live}')
            deployment = read_deployment(file)
            inspection = Inspection(Scene.of(deployment, LiveStack(deployment)), deployment.promises)
            try:
                return {promise.id: inspection.judge(promise) for promise in deployment.promises}
            finally:
                inspection.close()

        yield judged


def broken(found: Mapping[str, Finding]) -> dict[str, str]:
    """What is not kept, by the last word of its id."""
    return {
        name.rpartition("-")[2]: f"{each.outcome}: {each.message}"
        for name, each in found.items()
        if each.outcome is not Outcome.PASS
    }


@pytest.mark.parametrize("site", ["curve", "prime", "both", "wild", "long", "newest", "fewest", "before", "ordered"])
def test_intermediate_is_kept(judge: Judge, site: str) -> None:
    """RSA, ECDSA, both, a wildcard, a longer chain, TLS 1.3 alone, one suite, one version and any order are right."""
    assert broken(judge("mozilla-intermediate", site)) == {}


@pytest.mark.parametrize(
    ("site", "wrong"),
    [
        ("untouched", {"SUITES": "localhost also accepts ", "GROUPS": "localhost also exchanges keys by "}),
        ("old", {"VERSIONS": "localhost still speaks TLSv1, TLSv1.1", "SUITES": "also accepts ECDHE-ECDSA-AES128-SHA"}),
        ("groups", {"GROUPS": "localhost also exchanges keys by secp521r1"}),
    ],
)
def test_intermediate_is_broken(judge: Judge, site: str, wrong: Mapping[str, str]) -> None:
    """A distribution's default, old versions and a group too many are named, and nothing else is."""
    found = broken(judge("mozilla-intermediate", site))

    assert found.keys() == wrong.keys()
    for name, said in wrong.items():
        assert said in found[name]


def test_modern_is_kept(judge: Judge) -> None:
    """TLS 1.3 alone with an ECDSA certificate is right."""
    assert broken(judge("mozilla-modern", "newest")) == {}


@pytest.mark.parametrize(
    ("site", "wrong"),
    [
        (
            "curve",
            {"VERSIONS": "localhost still speaks TLSv1.2", "SUITES": "also accepts ECDHE-ECDSA-AES128-GCM-SHA256"},
        ),
        ("prime", {"VERSIONS": "TLSv1.2", "SUITES": "ECDHE-RSA", "KEY": "has a key of RSA 2048"}),
    ],
)
def test_modern_is_broken(judge: Judge, site: str, wrong: Mapping[str, str]) -> None:
    """TLS 1.2 and an RSA key are named."""
    found = broken(judge("mozilla-modern", site))

    assert found.keys() == wrong.keys()
    for name, said in wrong.items():
        assert said in found[name]


@pytest.mark.parametrize("policy", ["mozilla-intermediate", "mozilla-modern"])
def test_policy_says_where_it_is_from(policy: str) -> None:
    """A policy names its source with date and hash, and every promise of it the guideline's key."""
    document = tomllib.loads((POLICIES / f"{policy}.toml").read_text(encoding="utf-8"))

    assert re.fullmatch(rf"https://\S+/guidelines/6\.0\.json sha256:{OF_6_0}", document["source"])
    assert len(OF_6_0) == hashlib.sha256().digest_size * 2
    assert all("guidelines 6.0" in promise["source"] for promise in document["promise"])


def test_policies_differ_from_the_guidelines_nowhere() -> None:
    """Versions, suites, groups and lifetimes are those of the guidelines, figure by figure."""
    rules = {
        policy: {
            p["rule"]: p for p in tomllib.loads((POLICIES / f"{policy}.toml").read_text(encoding="utf-8"))["promise"]
        }
        for policy in ("mozilla-intermediate", "mozilla-modern")
    }
    groups = ["X25519MLKEM768", "X25519", "prime256v1", "secp384r1"]

    for policy, versions, days in (
        ("mozilla-intermediate", ["TLSv1.2", "TLSv1.3"], 366),
        ("mozilla-modern", ["TLSv1.3"], 90),
    ):
        found = rules[policy]
        assert found["tls-versions"]["versions"] == versions
        assert set(found["tls-suites"]["allowed"]) >= set(MODERN_SUITES)
        assert len(found["tls-suites"]["allowed"]) == len(MODERN_SUITES) + (6 if len(versions) > 1 else 0)
        assert found["tls-groups"]["allowed"] == groups
        assert found["certificate-valid"]["max_days"] == days
        assert found["strict-transport-security"]["max_age"] == 63072000
