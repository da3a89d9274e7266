"""One stack on which mutants are tried, one after the other, each compared with the deployment as it should be."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from plimsoll.deployment import FILE, read_deployment
from plimsoll.errors import BadInput, NotTaken, OutOfReach, PlimsollError, StackFailed
from plimsoll.inspection import Inspection
from plimsoll.looks import DEEP, Scene, at_rest, of_drills, of_files, of_history, of_load, seconds_to_show
from plimsoll.model import Deployment, Finding, Outcome, Promise
from plimsoll.mutants.mutant import Mutant
from plimsoll.mutants.trial import Trial, compare
from plimsoll.rules import RULES
from plimsoll.stacks.protocol import Reconfigurable, Stack
from plimsoll.wait import SYSTEM_CLOCK

PROMISES = "promises/"
DRILLS, LOAD = "drills", "load"
"""The suites each of whose looks has a stack of its own, and the folders of their mutants."""


class Laboratory:
    """A stack that runs one mutant after another. `workplace` is a folder for the artefacts of the mutant being tried.

    A time-out takes as long to look at as it is promised, and deep looks take long as well: unless `thorough`, such
    promises are judged only for the mutants that break one that needs the same looks.
    """

    def __init__(
        self,
        deployment: Deployment,
        stack: Stack,
        workplace: Path,
        mutants: Collection[Mutant],
        *,
        thorough: bool = False,
        staged: str = "",
    ) -> None:
        if not isinstance(stack, Reconfigurable):
            raise OutOfReach(f"a {stack.kind} stack is not ours to mutate", hint="--stack processes")
        self._deployment = deployment
        self._stack = stack
        self._workplace = workplace
        self._reconfigurable = stack
        self.mutants = tuple(mutants)
        self._thorough = thorough
        self._staged = staged
        self._scene = Scene.of(deployment, stack, patience=max(map(seconds_to_show, deployment.promises)))
        self._refuse_strangers()
        everything = self._inspect(self._scene, self._watched(name for mutant in mutants for name in mutant.breaks))
        self._baseline = {finding.promise.id: finding for finding in everything}

    def _refuse_strangers(self) -> None:
        """Raises BadInput for a mutant of a promise that nobody judges here."""
        known = {promise.id for promise in self._judgeable(self._deployment)}
        for mutant in self.mutants:
            for name in mutant.breaks:
                if name not in known:
                    fact = f"{mutant.name} breaks {name}, which is not judged on a {self._stack.kind} stack"
                    home = f"fixtures/mutants/{self._deployment.name}"
                    raise BadInput(fact, key="breaks", hint=f"mutants of what files show: {home}/files; others: {home}")

    @property
    def red(self) -> tuple[Finding, ...]:
        """What is not as it should be without any mutant; what cannot be shown here, and what does not apply, aside."""
        fine = (Outcome.PASS, Outcome.NOT_APPLICABLE)
        return tuple(f for f in self._baseline.values() if f.outcome not in fine and not f.out_of_reach)

    def trial(self, mutant: Mutant) -> Trial:
        """What becomes of one mutant. The stack runs with it until the next one takes its place."""
        started = SYSTEM_CLOCK.monotonic()
        beyond = [name for name in mutant.breaks if self._baseline[name].out_of_reach]
        if beyond and len(beyond) == len(mutant.breaks):
            return Trial(mutant=mutant, message=self._baseline[beyond[0]].message, within_reach=False)
        mutant = replace(mutant, breaks=tuple(name for name in mutant.breaks if name not in beyond))
        try:
            refusal = self._swap(mutant)
        except StackFailed as error:
            return Trial(mutant=mutant, message=error.fact, seconds=SYSTEM_CLOCK.monotonic() - started, tried=False)
        scene = replace(self._changed(mutant), deep=self._is_deep(mutant), refused=bool(refusal))
        findings = {f.promise.id: f for f in self._inspect(scene, self._watched(mutant.breaks, of=scene.deployment))}
        trial = compare(mutant, self._baseline, findings, seconds=0.0, refusal=refusal)
        return replace(trial, seconds=SYSTEM_CLOCK.monotonic() - started)

    def _swap(self, mutant: Mutant) -> str:
        """What a service said that would not take the mutant's file; it then goes on with the deployment's own."""
        artefacts = self._artefacts(mutant)
        try:
            self._reconfigurable.reconfigure(artefacts, mutant.settings)
        except NotTaken:
            self._reconfigurable.reconfigure(self._deployment.root, {})  # else the mutant before would go on
            try:
                self._reconfigurable.reconfigure(artefacts, mutant.settings)
            except NotTaken as error:
                return error.fact
        return ""

    def _changed(self, mutant: Mutant) -> Scene:
        """The scene as the mutant leaves it: it may change what is promised, too."""
        if not any(name == FILE or name.startswith(PROMISES) for name in mutant.artefacts):
            return self._scene
        return replace(self._scene, deployment=read_deployment(self._workplace / FILE))

    def _is_deep(self, mutant: Mutant) -> bool:
        """Whether the deep looks are taken: for what they alone show, and for what nobody may take for a defect."""
        return self._thorough or mutant.harmless or any(map(self._looks_deep, mutant.breaks))

    def _looks_deep(self, name: str) -> bool:
        """Whether that promise's rule reads what only a deep look shows."""
        rule = RULES[self._baseline[name].promise.rule]
        return not DEEP.isdisjoint(rule.reads)

    def _watched(self, broken: Iterable[str], *, of: Deployment | None = None) -> list[Promise]:
        """The promises to judge when these are broken."""
        names, promises = set(broken), self._judgeable(of or self._deployment)
        needed = {look for promise in promises if promise.id in names for look in _slow_looks(promise)}
        return [p for p in promises if self._thorough or p.id in names or not _slow_looks(p) - needed]

    def _judgeable(self, deployment: Deployment) -> list[Promise]:
        """The promises that mutants are tried against here: files, drills and load have mutants of their own."""
        if self._staged == LOAD:
            return [promise for promise in deployment.promises if of_load(promise)]
        if self._staged == DRILLS:
            return [p for p in deployment.promises if of_drills(p) and not of_history(p)]
        if self._stack.kind == "files":
            return [promise for promise in deployment.promises if at_rest(promise)]
        elsewhere = (of_files, of_drills, of_load)
        return [promise for promise in deployment.promises if not any(shown(promise) for shown in elsewhere)]

    def _inspect(self, scene: Scene, promises: list[Promise]) -> list[Finding]:
        inspection = Inspection(scene, promises)
        try:
            return [inspection.judge(promise) for promise in promises]
        finally:
            inspection.close()

    def _artefacts(self, mutant: Mutant) -> Path:
        """The deployment's artefacts with the mutant's in their places."""
        shutil.rmtree(self._workplace, ignore_errors=True)
        try:
            shutil.copytree(self._deployment.root, self._workplace)
            for name, text in mutant.artefacts.items():
                (self._workplace / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise PlimsollError(
                f"cannot write to {self._workplace}: {error.strerror}", hint="free space or set TMPDIR"
            ) from error
        return self._workplace


def _slow_looks(promise: Promise) -> set[type]:
    """The looks that a promise needs and that take long."""
    reads = RULES[promise.rule].reads
    return {look for look, needed in reads.items() if (look in DEEP and needed) or seconds_to_show(promise)}
