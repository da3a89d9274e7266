"""How a cluster hands out what nobody should read."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Kind, Manifests, Node
from plimsoll.rules.kubernetes.objects import Container, Object, containers_of, objects_of

__all__ = ["cluster_secrets_encoded", "cluster_secrets_hidden", "secret_holds"]

CONFIDENTIAL = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASS|SECRET|SECRET_KEY|PRIVATE_KEY|ENCRYPTION_KEY|API_KEY|ACCESS_KEY|TOKEN|CREDENTIALS)$"
)
"""Names of values that nobody should read; those of files that hold them (`…_FILE`) are none."""

PASSWORD = re.compile(r"password$", re.IGNORECASE)
"""How the names of passwords end in the values of charts."""

CREDENTIALS = re.compile(r"://[^/\s:@]*:(?P<password>[^/\s@]+)@")
"""The password of a URL."""


def secret_holds(
    promise: Promise,
    manifests: Manifests,
    *,
    secret: str,
    keys: tuple[str, ...],
    encoded: bool = False,
    files: str = "",
) -> Finding:
    """The confidential values stand in the Secret, and in no ConfigMap; under `data`, if they are to be encoded."""
    found = [each for each in objects_of(manifests, "Secret", files=files) if each.name == secret]
    maps = list(objects_of(manifests, "ConfigMap", files=files))
    holes = [
        Hole(spot=each.node.at(f"data.{key}").spot, what=f"{each} holds {key}", fix=f"{key} in the Secret {secret}")
        for each in maps
        for key in keys
        if each.node["data"][key]
    ]
    for each in found:
        data, plain = each.node["data"], each.node["stringData"]
        for key in keys:
            if not data[key] and (encoded or not plain[key]):
                where = "under data" if plain[key] else "at all"
                spot = (plain[key] or data or plain or each).spot
                holes.append(
                    Hole(spot=spot, what=f"{each} does not hold {key} {where}", fix=f"data: {key}: its base64")
                )
            elif encoded and _decoded(data[key].text) is None:
                holes.append(Hole(spot=data[key].spot, what=f"{key} of {each} is no base64", fix=f"base64 of {key}"))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in found],
        expected=f"{', '.join(keys)} in the Secret {secret}" + (", encoded" if encoded else ""),
        nothing=f"no manifest describes the Secret {secret}",
    )


def cluster_secrets_hidden(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """No ConfigMap, no manifest of a pod and no value of a chart holds a password, a key or a token."""
    maps = objects_of(manifests, "ConfigMap", files=files)
    looked: list[Object | Container] = [*maps, *containers_of(manifests, files=files)]
    holes: list[Hole] = []
    for each in looked:
        if isinstance(each, Object):
            pairs = [(key, each.node["data"][key]) for key in each.node["data"].keys]
            fix = "a Secret, and secretRef"
        else:
            pairs = [(entry["name"].text, entry["value"]) for entry in each.node["env"].items if entry["value"]]
            fix = "valueFrom: secretKeyRef"
        holes += [
            Hole(spot=value.spot, what=f"{each} holds {kind} {name} in plain text", fix=fix)
            for name, value in pairs
            if (kind := confidential(name, value))
        ]
    charts = [d.root for d in (manifests if files else manifests.for_production()).of(Kind.HELM_VALUES, files=files)]
    holes += [
        Hole(
            spot=value.spot,
            what=f"the chart is given {name} in plain text",
            fix="existingSecret, or what it calls that",
        )
        for chart in charts
        for name, value in _passwords(chart)
    ]
    return promise.judged(
        holes,
        looked=[f"{chart.spot}: values of a chart" for chart in charts]
        + [f"{each.spot if isinstance(each, Object) else each.node.spot}: {each}" for each in looked],
        expected="passwords, keys and tokens in Secrets only",
        nothing="no manifest describes a ConfigMap or a container, and no chart has values",
    )


def _passwords(values: Node) -> Iterator[tuple[str, Node]]:
    """The values of a chart that are passwords by their names: charts spell them `postgresPassword`."""
    for table in values.walk():
        for name, value in table.entries:
            is_text = isinstance(value.value, str) and value.text.strip() and not value.text.startswith("$")
            if is_text and PASSWORD.search(name) and not name.lower().startswith("existing"):
                yield name, value


def confidential(name: str, value: Node) -> str:
    """What is confidential in a value: the whole, the password of its URL, or nothing ("")."""
    text = value.text.strip()
    if not text or value.is_table or value.is_list:
        return ""
    found = CREDENTIALS.search(text)
    if found and not found["password"].startswith("$"):
        return "the password of"
    return "the secret" if CONFIDENTIAL.search(name.upper()) and not text.startswith(("$(", "${", "/")) else ""


def cluster_secrets_encoded(promise: Promise, manifests: Manifests, *, files: str = "") -> Finding:
    """Whatever stands under a Secret's data is base64, and where pods take it for a variable, base64 of a text."""
    secrets = [each for each in objects_of(manifests, "Secret", files=files) if each.node["data"].keys]
    variables = set(_variables(manifests, files))
    holes: list[Hole] = []
    for each in secrets:
        data = each.node["data"]
        for key in data.keys:
            decoded = _decoded(data[key].text)
            if decoded is None:
                what = f"{key} of {each} is no base64: the API server refuses the whole Secret"
                holes.append(
                    Hole(spot=data[key].spot, what=what, fix="its base64 under data, or itself under stringData")
                )
            elif {(each.name, key), (each.name, "")} & variables and not _is_text(decoded):
                what = f"{key} of {each} is base64 of no text, and a variable of a pod: the pod does not start"
                fix = "base64 of the value as the application reads it"
                holes.append(Hole(spot=data[key].spot, what=what, fix=fix))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: {each}" for each in secrets],
        expected="base64 under data",
        nothing="no Secret has data",
    )


def _variables(manifests: Manifests, files: str) -> Iterator[tuple[str, str]]:
    """The keys of Secrets that become variables; key "" stands for all of them."""
    for container in containers_of(manifests, files=files):
        for entry in container.node["env"].items:
            reference = entry.at("valueFrom.secretKeyRef")
            yield reference["name"].text, reference["key"].text
        for source in container.node["envFrom"].items:
            yield source.at("secretRef.name").text, ""


def _decoded(text: str) -> bytes | None:
    """What base64 stands for, line breaks allowed; None if it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return None


def _is_text(raw: bytes) -> bool:
    """Whether bytes can be the value of a variable."""
    try:
        return "\0" not in raw.decode()
    except UnicodeDecodeError:
        return False
