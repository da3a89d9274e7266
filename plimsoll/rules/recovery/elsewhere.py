"""The second site: put up from code, and users led there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from plimsoll.model import Finding, Promise
from plimsoll.observations.artefacts import Document, Node, TerraformFiles
from plimsoll.observations.drills import Deed, Record, SnapshotRecovery, Typed
from plimsoll.rules.recovery.stand_in import Flaw, failed, told, untold

__all__ = ["site_deployed_from_code", "users_led_elsewhere"]

DEPLOY, MOVE = "deploy-elsewhere", "move-dns"
EARLY = "move-dns, while nobody answers there"
ACTS = ("init", "plan", "apply")
USED = re.compile(r"(?<![\w.\"-])(?P<address>(?:data\.)?aws_\w+\.\w+|var\.\w+|local\.\w+)")
INSIDE = re.compile(r"\$\{([^}]*)\}")
TERRAFORM = "terraform init, then plan -out=FILE and apply FILE"


def site_deployed_from_code(
    promise: Promise, seen: SnapshotRecovery, terraform: TerraformFiles, *, folder: str, region: str
) -> Finding:
    """The application is put up in another region from code alone: its files are whole, and need nothing of the first.

    `folder` is where the files are, `region` where they are applied. Terraform itself needs a provider and a cloud:
    that it was asked, what and in which order is shown, not that it would have succeeded.
    """
    expected = f"{folder} applied in {region}"
    deed = seen.deed(DEPLOY)
    if deed is None:
        return untold(promise, seen, DEPLOY, expected=expected)
    files = [d for d in terraform.documents if _folder(d.source.name) == folder]
    if not files:
        return promise.unknown(f"no file of Terraform is in {folder}", expected=expected)
    typed = seen.deployed
    flaws = [failed(deed)] if deed.code and not any(each.code for each in typed) else []
    flaws += [*_order(typed, deed), *_files(terraform, files, typed, folder, region, seen.home)]
    actual = f"{', '.join(each.words[1] for each in typed if len(each.words) > 1)} in {folder}, {len(files)} files"
    return told(promise, seen, flaws, expected=expected, actual=actual, deeds=(DEPLOY,), where=files[0].root.spot)


def _order(typed: Sequence[Typed], deed: Deed) -> Iterator[Flaw]:
    """What Terraform was asked, one after the other."""
    for each in typed:
        if each.code:
            yield Flaw(f"`{each}` ended with {each.code}: {deed.words}", TERRAFORM)
    acts = [next((word for word in each.words[1:] if not word.startswith("-")), "") for each in typed]
    if "apply" not in acts:
        yield Flaw("terraform apply is never asked for: nothing is put up", TERRAFORM)
        return
    apply = typed[acts.index("apply")]
    plain = [word for word in apply.words[2:] if not word.startswith("-")]
    if not plain and "-auto-approve" not in apply.words:
        yield Flaw(f"`{apply}` asks whether it may, and nobody is there to say yes", TERRAFORM)


def _files(
    terraform: TerraformFiles, files: Sequence[Document], typed: Sequence[Typed], folder: str, region: str, home: str
) -> Iterator[Flaw]:
    """What the files lack, and what they need of a region that is gone."""
    for trouble in terraform.troubles:
        if _folder(trouble.spot.file) == folder:
            yield Flaw(trouble.what, "terraform validate", trouble.spot)
    for each in typed:
        if not each.folder.endswith(f"/{folder}"):
            yield Flaw(f"`{each}` runs in {each.folder}, not in {folder}", f"cd …/{folder}")
    roots = [document.root for document in files if not document.source.name.endswith(".tfvars")]
    given = {key for document in files if document.source.name.endswith(".tfvars") for key in document.root.keys}
    told_apart = dict(_variables(typed))
    declared = {node.text: node for root in roots for key, node in root.entries if key == "variable"}
    for name, node in declared.items():
        if not node["default"] and name not in given and name not in told_apart:
            what = f"nothing says what {name} is: Terraform asks, and nobody is there to answer"
            yield Flaw(what, f"{name} in {folder}/terraform.tfvars, or -var={name}=…", node.spot)
    for name in told_apart:
        if name not in declared:
            yield Flaw(
                f"-var={name}=… is no variable of {folder}: Terraform refuses it", f"one of {', '.join(declared)}"
            )
    if "region" in declared and (chosen := told_apart.get("region", declared["region"]["default"].text)) != region:
        yield Flaw(
            f"it is applied with region = {chosen or 'nothing'}, and {region} is where it has to be",
            f"-var=region={region}",
        )
    yield from _dangling(roots)
    yield from _leaning(files, home)


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _variables(typed: Sequence[Typed]) -> Iterator[tuple[str, str]]:
    """What command lines say of variables."""
    for each in typed:
        for number, word in enumerate(each.words):
            said = word.removeprefix("-var=") if word.startswith("-var=") else ""
            said = each.words[number + 1] if word == "-var" and number + 1 < len(each.words) else said
            name, equals, value = said.partition("=")
            if equals:
                yield name, value


def _dangling(roots: Sequence[Node]) -> Iterator[Flaw]:
    """What is referred to and stands nowhere in the folder."""
    there = {name for root in roots for key, node in root.entries for name in _declared(key, node)}
    for root in roots:
        for node in root.walk():
            if node.is_table or node.value is not None:
                continue
            text = " ".join(INSIDE.findall(node.text)) if "${" in node.text else node.text
            for found in USED.finditer(text):
                if found["address"] not in there:
                    yield Flaw(f"{found['address']} stands nowhere in these files", "terraform validate", node.spot)


def _declared(key: str, node: Node) -> Iterator[str]:
    """How other blocks call what a block declares."""
    if key == "locals":
        yield from (f"local.{name}" for name in node.keys)
    elif key in ("variable", "data"):
        yield f"{'var' if key == 'variable' else 'data'}.{node.text}"
    elif key == "resource":
        yield node.text


def _leaning(files: Sequence[Document], home: str) -> Iterator[Flaw]:
    """What lies in the region that is gone."""
    for document in files:
        for node in document.root.walk():
            if home and not node.is_table and not node.is_list and home in node.text:
                what = f"{node.text!r} is in {home}, the region that is gone"
                yield Flaw(what, "a copy of it in the region that this is applied in", node.spot)


def users_led_elsewhere(promise: Promise, seen: SnapshotRecovery, *, name: str = "", seconds: int = 300) -> Finding:
    """Users are led to the second site by one change of DNS, soon, and not before it answers; nothing else moves.

    `name` is what moves, `seconds` how long whoever has asked may keep the old answer.
    """
    expected = f"{name or 'the name'} leads to the second site within {seconds} s, once that answers"
    deed = seen.deed(MOVE)
    if deed is None:
        return untold(promise, seen, MOVE, expected=expected)
    early = seen.deed(EARLY)
    flaws = []
    if early and (not early.code or early.asked):
        what = "users are led to a site that does not answer: with nobody there it asks for the change all the same"
        flaws.append(Flaw(what, "ask the site's health check first, and fail"))
    if deed.code:
        flaws.append(failed(deed))
    else:
        flaws += [*_refused(seen, deed), *_moved(seen, name, seconds)]
    record = next((each for each in seen.after if each.name == name), None) if name else None
    return told(promise, seen, flaws, expected=expected, actual=str(record or "moved"), deeds=(MOVE, EARLY))


def _refused(seen: SnapshotRecovery, deed: Deed) -> Iterator[Flaw]:
    """What the stand-in takes and Route 53 does not: a record that is made anew where there is one."""
    there = {_key(each) for each in seen.before}
    for asked in deed.asked:
        for change in asked.parameters.values():
            action, _, rest = change.partition(" ")
            words = rest.split()
            key = (words[0].rstrip("."), words[1]) if len(words) > 1 else ("", "")
            if action == "CREATE" and key in there:
                what = f"{' '.join(key)} is to be created, and is there: Route 53 refuses the batch, moto does not"
                yield Flaw(what, "UPSERT (Amazon Route 53 API reference, Change)")
            elif action == "CREATE" and any(name == key[0] and "CNAME" in (kind, key[1]) for name, kind in there):
                yield Flaw(f"{key[0]} has a record already that a CNAME stands beside nowhere", "the type that it has")


def _moved(seen: SnapshotRecovery, name: str, seconds: int) -> Iterator[Flaw]:
    """What the change made of the zone."""
    was, now = {_key(each): each for each in seen.before}, {_key(each): each for each in seen.after}
    changed = [key for key in sorted({*was, *now}) if was.get(key) != now.get(key)]
    mine = [key for key in changed if not name or key[0] == name]
    if not mine:
        there = next((str(each) for each in seen.after if each.name == name), "nothing")
        yield Flaw(
            f"{name or 'no record'} leads where it led before: {there}", "a change batch with UPSERT for that name"
        )
    for key in changed:
        if key not in mine:
            yield Flaw(
                f"{key[0]} {key[1]} changes as well: {was.get(key, 'nothing')} to {now.get(key, 'nothing')}",
                "only what moves",
            )
    for key in mine:
        record = now.get(key)
        if record is None:
            yield Flaw(f"{key[0]} {key[1]} is gone: nobody finds anything", "UPSERT")
            continue
        slow = max((each for each in (was.get(key), record) if each), key=lambda each: each.ttl)
        if slow.ttl > seconds:
            what = f"whoever has asked keeps the answer for {slow.ttl} s: {slow}"
            yield Flaw(what, f"TTL {seconds} or less, before the disaster and after")
        if stray := [each for each in record.values if seen.names and each not in seen.names]:
            what = f"{key[0]} leads to {stray[0]}, a name that nothing puts up in the second region"
            yield Flaw(what, f"one of {', '.join(seen.names)}")


def _key(record: Record) -> tuple[str, str]:
    return record.name, record.type
