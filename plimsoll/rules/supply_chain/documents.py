"""The documents that a system promises to have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Document, Documents, Node, OpenApiFiles
from plimsoll.rules.rollout.jobs import texts_in

__all__ = ["documents_exist"]

FEWEST_LINES = 10
"""Lines with something on them: less is a heading and an intention."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
UNWRITTEN = re.compile(r"\b(TO[D]O|TBD|FIX[M]E|lorem ipsum|to be (written|done|defined))\b", re.IGNORECASE)
LEFT = re.compile(r"^\s*#")


def documents_exist(
    promise: Promise, documents: Documents, openapi: OpenApiFiles, *, titles: Mapping[str, str]
) -> Finding:
    """Every promised document is written, and the description of the API is valid OpenAPI.

    `titles` maps what a document is called to its file.
    """
    found = {source.name: source for source in documents.of()}
    described = {document.source.name: document for document in openapi.of()}
    holes, looked = list[Hole](), list[str]()
    first = next(iter((*documents.sources, *openapi.sources)))
    for title, name in titles.items():
        if document := described.get(name):
            looked.append(f"{document.source.spot(1)}: {title}")
            holes += _invalid(document)
        elif source := found.get(name):
            looked.append(f"{source.spot(1)}: {title}")
            lines = [line for line in source.text.splitlines() if line.strip()]
            unwritten = next((n for n, line in enumerate(source.text.splitlines(), 1) if UNWRITTEN.search(line)), 0)
            if len([line for line in lines if not LEFT.match(line)]) < FEWEST_LINES:
                what = f"{title} is a heading and {len(lines) - 1} lines"
                holes.append(Hole(spot=source.spot(1), what=what, fix="what somebody needs who was not there"))
            elif unwritten:
                what = f"{title} is not written to its end"
                holes.append(Hole(spot=source.spot(unwritten), what=what, fix="what is missing"))
        else:
            what = f"{title} is not there: no {name}"
            holes.append(Hole(spot=first.spot(1), what=what, fix=name))
    return promise.judged(
        holes, looked=looked, expected=f"{len(titles)} documents, OpenAPI valid", nothing="no document is there"
    )


def _invalid(document: Document) -> Iterator[Hole]:
    """What OpenAPI 3 asks of every description, and the references that lead nowhere (OpenAPI 3.1, 4.8)."""
    root = document.root
    if not re.fullmatch(r"3\.[01]\.\d+", root["openapi"].text):
        what = f"{root['openapi'].text or 'no version'} is no version of OpenAPI 3"
        yield Hole(spot=root["openapi"].spot, what=what, fix="openapi: 3.0.3")
    for path in ("info.title", "info.version"):
        if not root.at(path).text:
            yield Hole(spot=root["info"].spot, what=f"the description of the API has no {path}", fix=f"{path}: ...")
    if not root["paths"].keys:
        yield Hole(spot=root["paths"].spot, what="the description of the API has no path", fix="paths: ...")
    for path in root["paths"].keys:
        yield from _operations(path, root["paths"][path])
    for text in texts_in(root):
        if text.text.startswith("#/") and not _resolved(root, text.text):
            yield Hole(spot=text.spot, what=f"{text.text} leads nowhere", fix="a component of that name")


def _operations(path: str, node: Node) -> Iterator[Hole]:
    for method in (key for key in node.keys if key in METHODS):
        operation = node[method]
        if not operation["responses"].keys:
            what = f"{method} {path} has no response"
            yield Hole(spot=operation.spot, what=what, fix="responses: { '200': { description: ... } }")
        given = [each for owner in (node, operation) for each in owner["parameters"].items]
        named = {each["name"].text for each in given if each["in"].text == "path"}
        for parameter in re.findall(r"\{([^}]+)\}", path):
            if parameter not in named and not any(each["$ref"] for each in given):
                what = f"{method} {path} does not describe its parameter {parameter}"
                yield Hole(spot=operation.spot, what=what, fix=f"parameters: - {{ name: {parameter}, in: path }}")


def _resolved(root: Node, reference: str) -> bool:
    node = root
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return bool(node)
