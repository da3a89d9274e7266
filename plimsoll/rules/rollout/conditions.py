"""Which pushes start a job: the triggers of its workflow, and its own condition."""

from __future__ import annotations

import re

from plimsoll.observations.artefacts import Job, Node, Pipeline

ATOM = re.compile(
    r"startsWith\(\s*github\.(?P<start_of>ref|ref_name)\s*,\s*'(?P<start>[^']*)'\s*\)"
    r"|endsWith\(\s*github\.(?P<end_of>ref|ref_name)\s*,\s*'(?P<end>[^']*)'\s*\)"
    r"|contains\(\s*github\.(?P<part_of>ref|ref_name)\s*,\s*'(?P<part>[^']*)'\s*\)"
    r"|github\.(?P<left>ref|ref_name|ref_type|event_name)\s*(?P<sign>==|!=)\s*'(?P<right>[^']*)'"
    r"|(?P<well>success\(\)|!\s*cancelled\(\)|always\(\))"
)
STEPS = ((r"\(([01])\)", r"\1"), (r"!0", "1"), (r"!1", "0"))
BOTH = re.compile(r"([01])&&([01])")
EITHER = re.compile(r"([01])\|\|([01])")


def started(pipeline: Pipeline, job: Job, ref: str) -> bool | None:
    """Whether a push of that ref (`refs/heads/main`) starts a job; None where nobody can tell."""
    return _pushed(pipeline, ref) and holds(job.condition, ref)


def _pushed(pipeline: Pipeline, ref: str) -> bool:
    push = pipeline.triggers["push"]
    if not pipeline.started_by("push"):
        return False
    kind, other = ("tags", "branches") if ref.startswith("refs/tags/") else ("branches", "tags")
    if not push[kind]:
        return not push[other] and not push[f"{kind}-ignore"]
    return any(_fits(ref.split("/", 2)[-1], pattern) for pattern in push[kind].texts)


def _fits(name: str, pattern: str) -> bool:
    """Whether a name is one that a filter takes (GitHub: filter pattern cheat sheet; `*` and `?` only)."""
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), name))


def holds(condition: str, ref: str) -> bool | None:
    """Whether a condition on the pushed ref holds; None if it speaks of other things, too."""
    text = condition.strip().removeprefix("${{").removesuffix("}}")
    if not text.strip():
        return True
    text = re.sub(r"\s+", "", ATOM.sub(lambda atom: "1" if _atom(atom, ref) else "0", text))
    before = ""
    while text != before:
        before = text
        for pattern, value in STEPS:
            text = re.sub(pattern, value, text)
        text, changed = BOTH.subn(lambda m: str(int(m[1]) & int(m[2])), text, count=1)
        if not changed:
            text = EITHER.sub(lambda m: str(int(m[1]) | int(m[2])), text, count=1)
    return {"1": True, "0": False}.get(text)


def _atom(atom: re.Match[str], ref: str) -> bool:
    said = {
        "ref": ref,
        "ref_name": ref.split("/", 2)[-1],
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "event_name": "push",
    }
    if atom["start_of"]:
        return said[atom["start_of"]].startswith(atom["start"])
    if atom["end_of"]:
        return said[atom["end_of"]].endswith(atom["end"])
    if atom["part_of"]:
        return atom["part"] in said[atom["part_of"]]
    if atom["left"]:
        return (said[atom["left"]] == atom["right"]) == (atom["sign"] == "==")
    return True


def events(pipeline: Pipeline) -> tuple[str, ...]:
    """Everything that starts a workflow."""
    on: Node = pipeline.triggers
    return on.keys or on.texts
