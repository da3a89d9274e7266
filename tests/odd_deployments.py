"""Deployment files in which every key has its shape, and one value cannot be: how each is refused."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bad_deployments import BARE, LIVE, Refusal


def live(text: str) -> str:
    """The small deployment with something more in [live], on line 7."""
    return LIVE.replace("[[promise]]", f"{text}\n\n[[promise]]")


ODD: Mapping[str, tuple[str, Refusal]] = {
    # What is odd: the file, and the refusal's line, key, fact and hint.
    "a URL without a scheme": (
        LIVE.replace("https://", ""),
        (5, "live.url", "not a URL: 'shop.example'", 'url = "https://host"'),
    ),
    "a URL with a password": (
        LIVE.replace("https://", "https://user:hunter2@"),
        (5, "live.url", "a URL with a password in it: secrets belong into the environment", 'url = "https://host"'),
    ),
    "a URL of no port": (
        LIVE.replace('shop.example"\n\n', 'shop.example:99999"\n\n'),
        (5, "live.url", "not a URL: 'https://shop.example:99999'", 'url = "https://host"'),
    ),
    "an address that is a name": (
        live('address = "shop.local"'),
        (7, "live.address", "'shop.local' is no address", "192.0.2.10 or 2001:db8::5"),
    ),
    "an address that is none": (
        live('addresses = { "shop.example" = "here" }'),
        (7, "live.addresses.shop.example", "'here' is no address", "192.0.2.10"),
    ),
    "the address of a stranger": (
        live('addresses = { "shpo.example" = "192.0.2.1" }'),
        (
            7,
            "live.addresses.shpo.example",
            "'shpo.example' is no host of this deployment; did you mean 'shop.example'?",
            "hosts = ['shop.example']",
        ),
    ),
    "a plain port that is none": (live("plain_port = 99999"), (7, "live.plain_port", "99999 is no port", "1 to 65535")),
    "a run in no zone": (
        live('zone = "ofice"\n[zones.office]\nnetworks = ["10.0.0.0/8"]'),
        (7, "live.zone", "no zone 'ofice'; did you mean 'office'?", "there are: office"),
    ),
    "a login with a blank": (
        live('ssh = "audit or@shop.example"'),
        (7, "live.ssh", "'shop.example' is no place to log in to", 'ssh = "user@host:22"'),
    ),
    "a login with a password": (
        live('ssh = "auditor:hunter2@shop.example"'),
        (7, "live.ssh", "'shop.example' is no place to log in to", 'ssh = "user@host:22"'),
    ),
    "a login at no port": (
        live('ssh = "auditor@shop.example:99999"'),
        (7, "live.ssh", "'shop.example:99999' is no place to log in to", 'ssh = "user@host:22"'),
    ),
    "a key for no login": (
        live('ssh_key = "deployment.toml"'),
        (7, "live.ssh_key", "without ssh nobody logs in", 'ssh = "user@host:22"'),
    ),
    "a known host for no login": (
        live('ssh_known_hosts = "deployment.toml"'),
        (7, "live.ssh_known_hosts", "without ssh nobody logs in", 'ssh = "user@host:22"'),
    ),
    "a key that is not there": (
        live('ssh = "auditor@shop.example"\nssh_key = "keys/auditor"'),
        (8, "live.ssh_key", "missing artefact: there is no 'keys/auditor'", "paths start at "),
    ),
    "a zone of nobody": (
        live("[zones.office]\nnetworks = []"),
        (8, "zones.office.networks", "none: nobody is in this zone", 'networks = ["10.0.1.0/24"]'),
    ),
    "a zone without networks": (
        live("[zones.office]\nreaches = [22]"),
        (7, "zones.office", "networks is missing", "networks is a list, each a text"),
    ),
    "a network with an address of a host": (
        live('[zones.office]\nnetworks = ["10.0.0.1/8"]'),
        (8, "zones.office.networks", "'10.0.0.1/8' is no network", "10.0.1.0/24 or 2001:db8::/32"),
    ),
    "a zone that reaches no port": (
        live('[zones.office]\nnetworks = ["10.0.0.0/8"]\nreaches = [0]'),
        (9, "zones.office.reaches", "0 is no port", "1 to 65535"),
    ),
    "a zone that is no table": (
        live('[zones]\noffice = "10.0.0.0/8"'),
        (8, "zones.office", "expected a table, got '10.0.0.0/8'", "[zones.office]"),
    ),
    "a service at no port": (
        BARE.replace("443, 80", "70000"),
        (6, "services.edge.ports", "70000 is no port", "1 to 65535"),
    ),
    "a port twice": (
        BARE.replace("443, 80", "443, 443"),
        (6, "services.edge.ports", "port 443 stands there 2 times", "each port once"),
    ),
    "a key alone": (
        BARE.replace('recipe = "app"', 'recipe = "app"\nkey = "/etc/ssl/shop.key"'),
        (4, "services.edge.certificate", "missing: a certificate and its key go together", "where this run's"),
    ),
    "a host that nobody guards": (
        BARE.replace('recipe = "app"\nports = [443, 80]', 'recipe = "host"'),
        (4, "services.edge.config", "missing: a host service needs its configuration", 'config = "path/to/its.conf"'),
    ),
    "an application that follows": (
        BARE.replace('recipe = "app"', 'recipe = "app"\nsettings = { follows = "x" }'),
        (6, "services.edge.settings", "a service of app follows nobody", "only services of postgres and redis do"),
    ),
    "an unknown setting": (
        BARE.replace('recipe = "app"', 'recipe = "app"\nsettings = { "certificate.dyas" = "3" }'),
        (
            6,
            "services.edge.settings",
            "unknown setting 'certificate.dyas'; did you mean 'certificate.days'?",
            "certificate.names, certificate.days",
        ),
    ),
    "an unknown kind of key": (
        BARE.replace('recipe = "app"', 'recipe = "app"\nsettings = { "certificate.key" = "rsa204" }'),
        (6, "services.edge.settings", "certificate.key is 'rsa204'; did you mean 'rsa2048'?", "one of: rsa2048"),
    ),
    "days that are no number": (
        BARE.replace('recipe = "app"', 'recipe = "app"\nsettings = { "certificate.days" = "soon" }'),
        (6, "services.edge.settings", "certificate.days is 'soon', no number of days", '"89"'),
    ),
    "a host that is no name": (
        LIVE.replace('["shop.example"]', '["https://shop.example"]'),
        (2, "hosts", "'https://shop.example' is no name of a host", 'hosts = ["example.com"]'),
    ),
    "a host twice": (
        LIVE.replace('["shop.example"]', '["shop.example", "shop.example"]'),
        (2, "hosts", "'shop.example' stands there 2 times", "each name once"),
    ),
    "a path without a slash": (
        live('[paths]\npage = "index.html"'),
        (8, "paths.page", "'index.html' begins with no slash", '"/path", or "//host/path"'),
    ),
    "a path on a stranger": (
        live('[paths]\npage = "//elsewhere.example/"'),
        (8, "paths.page", "'//elsewhere.example/' is on no host of this deployment", "hosts = ['shop.example']"),
    ),
    "a promise without a name": (
        LIVE.replace('"SH-01"', '""'),
        (8, "promise[0].id", "a promise needs a name of its own", 'id = "SHOP-HTTP2"'),
    ),
}
