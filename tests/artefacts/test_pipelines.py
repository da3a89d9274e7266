"""Workflows, JavaScript and queries are understood as those who run them understand them, with their lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.artefacts import javascript
from plimsoll.artefacts.observe import observe
from plimsoll.observations.artefacts import ExportedMetrics, Kind, Pipelines, SourceFile
from plimsoll.rules.promql import Matcher, parsed, seconds
from plimsoll.rules.rollout.conditions import holds

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PROCESSES = """// what runs
const port = 3000;
module.exports = {
  apps: [
    { name: "api", args: ['--a', `b`], env: { PORT: port, "LOG LEVEL": 'info' }, /* once */ instances: 2, ...rest },
  ],
  deploy: { production: { host: ["a", "b"], 'post-deploy': 'npm ci && ' + build, run() { return { no: 1 }; } } },
};
"""
METRICS = """
const a = new client.Counter({ name: 'jobs_total', help: "it's done, all of it", labelNames: ['kind'] });
const b = new Histogram<'route'>({ name: 'wait_seconds', labelNames: ['route'] });
const c = other.Thing({ name: 'nothing' });
"""
SAMPLE = """# TYPE wait_seconds histogram
wait_seconds_bucket{le="1",route="/a"} 1
wait_seconds_sum{route="/a"} 1
jobs{kind="mail, urgent"} 3
"""


def test_object_literals_keep_their_lines() -> None:
    """Tables, lists, texts and numbers are values; what is code stays a text; each has the line of its key."""
    reading = javascript.settings(SourceFile(name="ecosystem.config.js", kind=Kind.PM2, text=PROCESSES, first=100))
    root = reading.documents[0].root
    app = root["apps"][0]

    assert reading.troubles == []
    assert (app["name"].text, app["args"].texts, app["instances"].value) == ("api", ("--a", "b"), 2)
    assert (app["env"]["PORT"].text, app["env"]["LOG LEVEL"].text) == ("port", "info")
    assert root.at("deploy.production.host").texts == ("a", "b")
    assert root.at("deploy.production.post-deploy").text == "'npm ci && ' + build"
    assert (app["instances"].spot.line, root["deploy"].spot.line) == (104, 106)


def test_metrics_are_those_declared_and_those_sampled() -> None:
    """Instruments of prom-client are metrics, other calls are not; a sample tells labels, whatever stands in them."""
    sources = [
        SourceFile(name="metrics.js", kind=Kind.JAVASCRIPT, text=METRICS),
        SourceFile(name="metrics.prom", kind=Kind.EXPOSITION, text=SAMPLE),
    ]
    seen = observe(ExportedMetrics, sources, NOW)

    assert isinstance(seen, ExportedMetrics)
    assert [(f.name, f.type, set(f.labels), str(f.spot)) for f in seen.families] == [
        ("jobs_total", "counter", {"kind"}, "metrics.js:2"),
        ("wait_seconds", "histogram", {"route", "le"}, "metrics.js:3"),
        ("wait_seconds", "histogram", {"route", "le"}, "metrics.prom:1"),
        ("jobs", "", {"kind"}, "metrics.prom:4"),
    ]
    assert seen.families[1].series == {"wait_seconds_sum", "wait_seconds_count", "wait_seconds_bucket"}


def test_jobs_wait_for_those_before_those_before() -> None:
    """A job comes after all that its own needs need; comments in commands say nothing; gaps are computed."""
    text = (
        "on: { schedule: [{ cron: '0 5 1 */3 *' }] }\n"
        "jobs:\n"
        "  a: { steps: [{ run: 'make test # not: helm upgrade' }] }\n"
        "  b: { needs: a }\n"
        "  c: { needs: [b], environment: { name: production, url: x } }\n"
        "  d: { needs: d }\n"
    )
    seen = observe(Pipelines, [SourceFile(name="ci.yml", kind=Kind.WORKFLOW, text=text)], NOW)
    assert isinstance(seen, Pipelines)
    pipeline = seen.pipelines[0]
    job = {each.id: each for each in pipeline.jobs}

    assert [each.id for each in pipeline.ahead_of(job["c"])] == ["b", "a"]
    assert pipeline.ahead_of(job["d"]) == ()
    assert (job["c"].environment, job["a"].steps[0].run) == ("production", "make test")
    assert [table.longest_gap for table in pipeline.timetables] == [92.0]


@pytest.mark.parametrize(
    ("condition", "main", "tag"),
    [
        ("", True, True),
        ("github.ref == 'refs/heads/main'", True, False),
        ("startsWith(github.ref, 'refs/tags/v')", False, True),
        ("${{ github.ref_type == 'tag' && endsWith(github.ref, '.0') }}", False, True),
        ("github.event_name == 'push' && !(github.ref_name == 'main' || false_thing)", None, None),
        ("!startsWith(github.ref, 'refs/tags/')", True, False),
        ("(github.ref_name == 'main') || contains(github.ref, 'v1')", True, True),
        ("vars.DEPLOY == 'yes'", None, None),
    ],
)
def test_conditions_hold_for_the_pushes_they_name(condition: str, main: bool | None, tag: bool | None) -> None:
    """Conditions on the pushed ref are decided; those on anything else are left open."""
    assert (holds(condition, "refs/heads/main"), holds(condition, "refs/tags/v1.0")) == (main, tag)


def test_queries_tell_metrics_from_words() -> None:
    """Functions, operators and grouped labels are no metrics; what stands around a metric is known."""
    query = parsed(
        'sum by (job, le) (rate(a_bucket{job=~"x|y", code!="2"}[5m] offset 1h)) / on (job) group_left b > bool 2'
    )

    assert [(s.metric, s.window, s.within) for s in query.selectors] == [
        ("a_bucket", "5m", ("sum", "rate")),
        ("b", "", ()),
    ]
    assert query.selectors[0].matchers == (Matcher("job", "=~", "x|y"), Matcher("code", "!=", "2"))
    assert query.grouped == [("by", "job"), ("by", "le"), ("on", "job")]
    assert query.trouble == ""


@pytest.mark.parametrize(
    ("text", "meant"), [("90s", 90), ("1h30m", 5400), ("500ms", 0.5), ("5", None), ("5m!", None), ("", None)]
)
def test_durations_mean_seconds(text: str, meant: float | None) -> None:
    """Durations are sums of numbers with units, as Prometheus writes them."""
    assert seconds(text) == meant
