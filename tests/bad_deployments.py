"""Deployment files with one mistake each, and how each is refused."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.services import RECIPES

LIVE = """\
name = "shop"
hosts = ["shop.example"]

[live]
url = "https://shop.example"

[[promise]]
id = "SH-01"
rule = "certificate-valid"
days_left = 30
"""
"""A small deployment: ten lines."""

Refusal = tuple[int, str, str, str]

SERVICES = """\
name = "shop"
hosts = ["shop.example"]

[services.edge]
recipe = "nginx"
ports = [443, 80]
config = "nginx.conf"

[[promise]]
id = "SH-01"
rule = "http2-offered"
"""


BARE = SERVICES.replace('config = "nginx.conf"\n', "").replace('"nginx"', '"app"')
"""A service that needs no file."""


def added(text: str) -> str:
    """The small deployment with something after it; what is added starts on line 11."""
    return LIVE + text


BAD: Mapping[str, tuple[str, Refusal]] = {
    # What is wrong: the file, and the refusal's line, key, fact and hint.
    "unknown key": (
        'nmae = "shop"\n' + LIVE,
        (
            1,
            "nmae",
            "unknown key; did you mean 'name'?",
            "known here: artefacts, disposable, generated, hosts, limits,",
        ),
    ),
    "unknown key in a table": (
        LIVE.replace('url = "', 'utl = "'),
        (5, "live.utl", "unknown key; did you mean 'url'?", "known here: address, address6, addresses, allow, ca,"),
    ),
    "unknown table": (
        added("[limit]\nburst = 3\n"),
        (11, "limit", "unknown key; did you mean 'limits'?", "known here"),
    ),
    "missing name": (LIVE.replace('name = "shop"\n', ""), (1, "name", "missing", "name is a text")),
    "missing name, though a promise has one": (
        LIVE.replace('name = "shop"\n', "")
        + '[[promise]]\nid = "B"\nrule = "header-equals"\nname = "X"\nvalue = "Y"\n',
        (1, "name", "missing", "name is a text"),
    ),
    "wrong type": (LIVE.replace('"shop"\n', "3\n"), (1, "name", "expected a text, got 3", "")),
    "wrong type in a list": (
        LIVE.replace('["shop.example"]', '[\n  "shop.example",\n  7,\n]'),
        (2, "hosts", "expected a text, got 7", ""),
    ),
    "true is no number": (
        added("[limits]\nburst = true\n"),
        (12, "limits.burst", "expected a whole number, got True", ""),
    ),
    "a moment is no date": (
        added('[[waiver]]\npromise = "SH-01"\nreason = "r"\nowner = "o"\nexpires = 2027-01-01T00:00:00Z\n'),
        (15, "waiver[0].expires", "expected a date, got datetime.datetime(2027", ""),
    ),
    "a table where a text belongs": (
        LIVE.replace('url = "https://shop.example"', 'url = { host = "shop.example" }'),
        (5, "live.url", "expected a text, got {'host': 'shop.example'}", ""),
    ),
    "a text where a table belongs": (
        'live = "https://shop.example"\n' + SERVICES,
        (1, "live", "expected a table, got 'https://shop.example'", "[live]"),
    ),
    "a service that is no table": (
        added('[services]\nedge = "nginx"\n'),
        (12, "services.edge", "expected a table, got 'nginx'", "[services.edge]"),
    ),
    "a number among the paths": (added("[paths]\npage = 1\n"), (12, "paths.page", "expected a text, got 1", "")),
    "one promise instead of a list": (
        LIVE.replace("[[promise]]", "[promise]"),
        (
            7,
            "promise",
            "expected a list, each a table, got {'id': 'SH-01', 'rule': 'certificate-valid', 'days_left': 30}",
            "",
        ),
    ),
    "a list of anything but tables": (
        "promise = [1]\n" + LIVE[: LIVE.index("[[")],
        (1, "promise", "expected a table, got 1", ""),
    ),
    "unknown rule": (
        LIVE.replace("certificate-valid", "certificate-valud"),
        (
            9,
            "promise[0].rule",
            "unknown rule 'certificate-valud'; did you mean 'certificate-valid'?",
            "python -m plimsoll rules lists them",
        ),
    ),
    "missing rule": (
        LIVE.replace('rule = "certificate-valid"\n', ""),
        (7, "promise[0].rule", "missing", "rule is a text"),
    ),
    "missing parameter": (
        LIVE.replace("days_left = 30\n", ""),
        (7, "promise[0]", "days_left is missing", "days_left is a whole number"),
    ),
    "unknown parameter": (
        added("days_leftt = 3\n"),
        (
            11,
            "promise[0].days_leftt",
            "unknown key; did you mean 'days_left'?",
            "known here: area, days_left, id, max_days, needs, role, rule, source, title",
        ),
    ),
    "wrong parameter": (
        LIVE.replace("= 30", '= "30"'),
        (10, "promise[0].days_left", "expected a whole number, got '30'", ""),
    ),
    "wrong parameter in the second promise": (
        added('[[promise]]\nid = "SH-02"\nrule = "tls-versions"\nversions = ["TLSv1.3", 12]\n'),
        (14, "promise[1].versions", "expected a text, got 12", ""),
    ),
    "wrong parameter in a table of its own": (
        added('[[promise]]\nid = "SH-02"\nrule = "content-security-policy"\n[promise.allowed]\ndefault-src = "self"\n'),
        (15, "promise[1].allowed.default-src", "expected a list, each a text, got 'self'", ""),
    ),
    "duplicate id": (
        added('\n[[promise]]\nrule = "http2-offered"\nid = "SH-01"\n'),
        (14, "promise[1].id", "SH-01 is declared twice, first in deployment.toml", ""),
    ),
    "unknown area": (
        added('area = "header"\n'),
        (
            11,
            "promise[0].area",
            "no suite judges the area 'header'; did you mean 'headers'?",
            "endpoints, tls, headers, edge",
        ),
    ),
    "unknown need": (
        added('needs = ["cnd"]\n'),
        (11, "promise[0].needs", "unknown need 'cnd'; did you mean 'cdn'?", "cdn, cluster"),
    ),
    "unknown policy": ('policies = ["no-such"]\n' + LIVE, (1, "policies", "no policy 'no-such'", "there are: ")),
    "waiver for no promise": (
        added('[[waiver]]\npromise = "SH-10"\nreason = "r"\nowner = "o"\nexpires = 2027-01-01\n'),
        (12, "waiver[0].promise", "no promise 'SH-10'; did you mean 'SH-01'?", ""),
    ),
    "waiver without owner": (
        added('[[waiver]]\npromise = "SH-01"\nreason = "r"\nexpires = 2027-01-01\n'),
        (11, "waiver[0]", "owner is missing", "owner is a text"),
    ),
    "waiver without a day": (
        added('[[waiver]]\npromise = "SH-01"\nreason = "r"\nowner = "o"\nexpires = "soon"\n'),
        (15, "waiver[0].expires", "expected a date, got 'soon'", ""),
    ),
    "waived twice": (
        added('[[waiver]]\npromise = "SH-01"\nreason = "r"\nowner = "o"\nexpires = 2027-01-01\n' * 2),
        (17, "waiver[1].promise", "SH-01 is waived twice", ""),
    ),
    "no promise": (LIVE[: LIVE.index("[[")], (1, "", "promises nothing", "adopt a policy")),
    "promises that are an empty list": (
        "promise = []\n" + LIVE[: LIVE.index("[[")],
        (1, "", "promises nothing", "adopt a policy"),
    ),
    "neither live nor services": (
        LIVE.replace('[live]\nurl = "https://shop.example"\n', ""),
        (1, "", "says neither where it runs nor what it is made of", '[live] url = "https://…"'),
    ),
    "missing artefact": (
        added('[artefacts]\ncompose = "no/compose.yml"\n'),
        (12, "artefacts.compose", "missing artefact: there is no 'no/compose.yml'", "paths start at "),
    ),
    "artefact with an impossible name": (
        added(f'[artefacts]\ncompose = "{"x" * 5000}"\n'),
        (12, "artefacts.compose", "missing artefact: there is no 'xxx", "paths start at "),
    ),
    "missing configuration": (
        SERVICES,
        (7, "services.edge.config", "missing artefact: there is no 'nginx.conf'", "paths start at "),
    ),
    "missing authority": (
        LIVE.replace("[[promise]]", 'ca = "ca.pem"\n[[promise]]'),
        (7, "live.ca", "missing artefact: there is no 'ca.pem'", "paths start at "),
    ),
    "missing file of a service": (
        SERVICES.replace('config = "nginx.conf"', '[services.edge.files]\nsite = "/srv"'),
        (7, "services.edge.files", "missing artefact: there is no 'site'", "paths start at "),
    ),
    "service without recipe": (
        SERVICES.replace('recipe = "nginx"\n', ""),
        (4, "services.edge", "recipe is missing", "recipe is a text"),
    ),
    "unknown recipe": (
        SERVICES.replace('"nginx"', '"ngnix"').replace('config = "nginx.conf"\n', ""),
        (5, "services.edge.recipe", "unknown recipe 'ngnix'; did you mean 'nginx'?", ", ".join(RECIPES)),
    ),
    "a service says its role": (
        SERVICES.replace("recipe =", 'role = "edge"\nrecipe ='),
        (5, "services.edge.role", "unknown key", "known here: "),
    ),
    "no replica": (
        SERVICES.replace('config = "nginx.conf"', "replicas = 0"),
        (7, "services.edge.replicas", "0 replicas serve nobody", "1 or more"),
    ),
    "nobody listens": (
        BARE.replace("ports = [443, 80]\n", ""),
        (4, "services.edge.ports", "without ports a service of app serves nobody", "ports = [8080]"),
    ),
    "a certificate alone": (
        BARE.replace('recipe = "app"', 'recipe = "app"\ncertificate = "/etc/ssl/shop.crt"'),
        (
            4,
            "services.edge.key",
            "missing: a certificate and its key go together",
            "where this run's throw-away pair is put",
        ),
    ),
    "two databases of one role": (
        BARE.replace(
            "[[promise]]", '[services.data]\nrecipe = "postgres"\nports = [5432]\nreplicas = 2\n\n[[promise]]'
        ),
        (
            11,
            "services.data.replicas",
            "postgres runs once per service",
            "one service for each, with a role of its own",
        ),
    ),
    "a standby of nothing": (
        BARE.replace(
            "[[promise]]",
            '[services.data]\nrecipe = "postgres"\nports = [5432]\nsettings = { follows = "dta" }\n\n[[promise]]',
        ),
        (
            11,
            "services.data.settings",
            "follows 'dta', which is no postgres service that leads",
            "one of: none there is",
        ),
    ),
    "services without a name": (
        SERVICES.replace('hosts = ["shop.example"]\n', "").replace('config = "nginx.conf"\n', ""),
        (1, "hosts", "missing: services need a name to be asked for", 'hosts = ["example.com"]'),
    ),
    "no rate": (
        added("[limits]\nrequests_per_second = 0\n"),
        (12, "limits.requests_per_second", "0 is no rate", "a number above 0"),
    ),
    "no number": (
        added("[limits]\nrequests_per_second = nan\n"),
        (12, "limits.requests_per_second", "nan is no rate", "a number above 0"),
    ),
    "too large a number": (
        added(f"[limits]\nrequests_per_second = {10**60}\n"),
        (12, "limits.requests_per_second", "expected a number, got 1000", ""),
    ),
    "a burst below nothing": (added("[limits]\nburst = -1\n"), (12, "limits.burst", "-1 is below 0", "0 for none")),
    "a file of less than nothing": (
        added('[generated]\n"a/b.bin" = -1\n'),
        (12, "generated.a/b.bin", "-1 is below 0", "bytes that the file has"),
    ),
    "unknown surroundings": (
        LIVE.replace("[[promise]]", 'provides = ["clutser"]\n[[promise]]'),
        (7, "live.provides", "unknown surroundings 'clutser'; did you mean 'cluster'?", "cdn, cluster"),
    ),
    "not TOML": (
        LIVE.replace('"shop"\n', "shop\n"),
        (1, "", "not TOML: Invalid value", "texts are quoted, tables are [name]"),
    ),
    "a key twice": (added("days_left = 31\n"), (11, "", "not TOML: Cannot overwrite a value", "texts are quoted")),
    "unfinished": (
        added("[paths\n"),
        (11, "", "not TOML: Expected ']' at the end of a table declaration", "texts are quoted"),
    ),
    "ends too early": (added('title = """\n'), (11, "", "not TOML: Unterminated string", "texts are quoted")),
    "a number of five thousand digits": (added(f"x = {'9' * 5000}\n"), (11, "", "not TOML: ", "texts are quoted")),
    "empty": ("", (1, "name", "missing", "name is a text")),
}
