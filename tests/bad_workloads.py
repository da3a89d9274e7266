"""Deployment files whose [workload] nobody can act by: how each is refused."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bad_deployments import LIVE, Refusal

GOOD = """
[workload]
rate = 30

[workload.journeys.browse]
steps = [
  { name = "list", path = "/list", keeps = { id = "id" } },
  { name = "one", path = "/list/{id}" },
]
"""
"""It stands on lines 11 to 20 of the small deployment."""


def changed(old: str, new: str) -> str:
    """The small deployment with that workload, in which one thing is another."""
    assert old in GOOD
    return LIVE + GOOD.replace(old, new)


BAD_WORKLOADS: Mapping[str, tuple[str, Refusal]] = {
    # What is wrong: the file, and the refusal's line, key, fact and hint.
    "no load": (changed("rate = 30", "rate = 0"), (13, "workload.rate", "0 is not above 0", "a number above 0")),
    "load without a rate": (changed("rate = 30", ""), (12, "workload", "rate is missing", "rate is a number")),
    "a load for no time": (
        changed("rate = 30", "rate = 30\nseconds = -1"),
        (14, "workload.seconds", "-1 is not above 0", "a number above 0"),
    ),
    "a warm-up before the beginning": (
        changed("rate = 30", "rate = 30\nwarm_up_seconds = -1"),
        (14, "workload.warm_up_seconds", "is below 0", "0 for none"),
    ),
    "unknown arrivals": (
        changed("rate = 30", 'rate = 30\narrivals = "poison"'),
        (14, "workload.arrivals", "unknown arrivals; did you mean 'poisson'?", "one of: poisson, constant"),
    ),
    "a load of nobody": (
        LIVE + "\n[workload]\nrate = 30\njourneys = {}\n",
        (14, "workload.journeys", "nobody does anything", "[workload.journeys.NAME]"),
    ),
    "a load that is a number": ("workload = 30\n" + LIVE, (1, "workload", "expected a table, got 30", "[workload]")),
    "a journey that is a number": (
        LIVE + "\n[workload]\nrate = 30\njourneys = { browse = 3 }\n",
        (14, "workload.journeys.browse", "expected a table, got 3", "[workload.journeys.browse]"),
    ),
    "a journey of no steps": (
        LIVE + "\n[workload]\nrate = 30\n[workload.journeys.browse]\nsteps = []\n",
        (15, "workload.journeys.browse.steps", "a journey has steps", "steps = [{ name ="),
    ),
    "a journey of no weight": (
        changed("steps = [", "weight = 0\nsteps = ["),
        (16, "workload.journeys.browse.weight", "0 is not above 0", "a number above 0"),
    ),
    "a client that thinks backwards": (
        changed("steps = [", "think_seconds = -1\nsteps = ["),
        (16, "workload.journeys.browse.think_seconds", "is below 0", "0 for none"),
    ),
    "a step with an unknown key": (
        changed("keeps =", "keep ="),
        (15, "workload.journeys.browse.keep", "unknown key; did you mean 'keeps'?", "known here: body, expects"),
    ),
    "an unknown method": (
        changed('path = "/list",', 'path = "/list", method = "GTE",'),
        (16, "workload.journeys.browse.steps", "list: unknown method; did you mean 'GET'?", "one of: GET, HEAD"),
    ),
    "a step to no path": (
        changed('"/list",', '"list",'),
        (16, "workload.journeys.browse.steps", "list: 'list' is no path", '"/…"'),
    ),
    "a status that HTTP has not": (
        changed('path = "/list",', 'path = "/list", expects = [20],'),
        (16, "workload.journeys.browse.steps", "list: expects no status of HTTP", "expects = [200]"),
    ),
    "a WebSocket on which nothing is said": (
        changed('path = "/list",', 'path = "/list", method = "WEBSOCKET",'),
        (
            16,
            "workload.journeys.browse.steps",
            "list: a WEBSOCKET waits for what it said, and says nothing",
            'body = "…"',
        ),
    ),
    "a WebSocket that keeps something": (
        changed('path = "/list",', 'path = "/list", method = "WEBSOCKET", body = "hi",'),
        (16, "workload.journeys.browse.steps", "list: keeps is for requests, and a WEBSOCKET is", "leave keeps out"),
    ),
    "a file of fewer than no bytes": (
        changed('path = "/list",', 'path = "/list", method = "POST", upload = -1,'),
        (16, "workload.journeys.browse.steps", "list: nobody uploads -1 bytes", "upload = 1 to 67108864"),
    ),
    "a file that is fetched": (
        changed('path = "/list",', 'path = "/list", upload = 10,'),
        (16, "workload.journeys.browse.steps", "list: a GET uploads nothing", 'method = "POST"'),
    ),
    "a file beside a body": (
        changed('path = "/list",', 'path = "/list", method = "POST", body = "x", upload = 10,'),
        (16, "workload.journeys.browse.steps", "list: sends a body or a file, not both", "leave body out, or upload"),
    ),
    "a word that nobody kept": (
        changed("/list/{id}", "/list/{ident}"),
        (16, "workload.journeys.browse.steps", "one: nothing says what {ident} is", 'keeps = { ident = "…" }'),
    ),
}
