"""What Terraform keeps of an infrastructure, and which versions it is applied with."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.model import Finding, Hole, Promise
from plimsoll.observations.artefacts import Node, TerraformFiles
from plimsoll.rules.cloud.blocks import all_of, blocks_of

__all__ = ["terraform_state_shared", "terraform_versions_pinned"]


def terraform_state_shared(
    promise: Promise, terraform: TerraformFiles, *, backend: str = "", files: str = ""
) -> Finding:
    """Terraform's state is kept remotely, encrypted, and locked while somebody applies."""
    settings = list(blocks_of(terraform, "terraform", files=files))
    kept = [block for each in settings for block in all_of(each.node, "backend")]
    elsewhere = [block for each in settings for block in all_of(each.node, "cloud")]
    # A module has neither provider nor backend: both are its caller's.
    roots = [each for each in blocks_of(terraform, "provider", files=files) if not each.fragment]
    holes = [hole for each in kept for hole in _exposed(each, backend)]
    if roots and not kept and not elsewhere:
        what = "no backend is stated: the state, with every secret in it, stays with whoever applied last"
        spot = (settings[0] if settings else roots[0]).spot
        holes.append(Hole(spot=spot, what=what, fix='a remote backend, such as "s3" with encrypt'))
    return promise.judged(
        holes,
        looked=[f"{each.spot}: backend {each.text}" for each in (*kept, *elsewhere)],
        expected=f"a remote backend{f' ({backend})' if backend else ''}, encrypted and locked",
        nothing="no file says where Terraform keeps its state",
    )


def _exposed(block: Node, wanted: str) -> Iterator[Hole]:
    if wanted and block.text != wanted:
        yield Hole(
            spot=block.spot, what=f"the state is kept in {block.text}, not in {wanted}", fix=f'backend "{wanted}"'
        )
    elif block.text == "s3":
        if block["encrypt"].value is not True:
            spot = (block["encrypt"] or block).spot
            yield Hole(spot=spot, what="the state is not encrypted: every secret is in it", fix="encrypt = true")
        if block["use_lockfile"].value is not True and not block["dynamodb_table"]:
            spot = (block["use_lockfile"] or block).spot
            what = "the state is not locked: two who apply at once tear it apart"
            yield Hole(spot=spot, what=what, fix="use_lockfile = true")
    elif block.text == "local":
        what = "the state is a local file: it is neither shared nor locked"
        yield Hole(spot=block.spot, what=what, fix='backend "s3" with encrypt and use_lockfile')


def terraform_versions_pinned(promise: Promise, terraform: TerraformFiles, *, files: str = "") -> Finding:
    """Terraform, its providers and its modules have stated versions."""
    settings = list(blocks_of(terraform, "terraform", files=files))
    providers = [
        (name, block[name])
        for each in settings
        for block in all_of(each.node, "required_providers")
        for name in block.keys
    ]
    modules = [each for each in blocks_of(terraform, "module", files=files) if each.node["source"]]
    holes = [
        Hole(spot=node.spot, what=f"the provider {name} has no version", fix=f'{name} = {{ version = "~> 1.0" }}')
        for name, node in providers
        if not (node["version"] or node.value)
    ]
    holes += [
        Hole(
            spot=each.node["source"].spot, what=f"the module {each} has no version: it changes by itself", fix="version"
        )
        for each in modules
        if not each.node["version"] and not _local(each.node["source"].text)
    ]
    whole = [each for each in settings if not each.fragment]
    if whole and not any(each.node["required_version"] for each in whole):
        fix = 'required_version = ">= 1.10"'
        holes.append(Hole(spot=whole[0].spot, what="no version of Terraform itself is required", fix=fix))
    return promise.judged(
        holes,
        looked=[f"{node.spot}: {name}" for name, node in providers]
        + [f"{each.spot}: {each}" for each in (*modules, *whole)],
        expected="required_version, and a version for every provider and module",
        nothing="no file says with which versions Terraform runs",
    )


def _local(source: str) -> bool:
    """Whether a module stands beside its caller, or its source names a version itself."""
    return source.startswith((".", "/")) or "?ref=" in source
