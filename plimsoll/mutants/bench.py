"""Several laboratories that share one pile of mutants."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from threading import Lock

from plimsoll.drills.stage.theatre import Stages
from plimsoll.errors import PlimsollError
from plimsoll.model import RunIdentity
from plimsoll.mutants.laboratory import Laboratory
from plimsoll.mutants.mutant import Mutant
from plimsoll.mutants.trial import Trial
from plimsoll.redact import Redactor
from plimsoll.runs import Run, new_run_id
from plimsoll.session import Session
from plimsoll.stacks import make
from plimsoll.stacks.protocol import Stack
from plimsoll.wait import SYSTEM_CLOCK


class Bench:
    """Mutants tried on several stacks of one deployment side by side. `say` tells whoever waits how far it is.

    `staged` names the suite, of drills or of load, for each of whose looks a stack is put up; without it one stack
    runs mutant after mutant.
    """

    def __init__(
        self,
        session: Session,
        mutants: Sequence[Mutant],
        *,
        thorough: bool,
        say: Callable[[str], None],
        staged: str = "",
    ) -> None:
        self.redact = Redactor(())
        self.identity: RunIdentity
        self._session = session
        self._mutants = mutants
        self._pile = deque(mutants)
        self._thorough = thorough
        self._staged = staged
        self._say = say
        self._lock = Lock()
        self._secrets: tuple[str, ...] = ()
        self._trials: list[Trial] = []
        self._stages: list[Stages] = []

    def trials(self, side_by_side: int) -> tuple[Trial, ...]:
        """What became of every mutant, in no order. Raises what the first stack that failed raised."""
        with ThreadPoolExecutor(max(side_by_side, 1)) as pool:
            work = [pool.submit(self._work, number) for number in range(min(side_by_side, len(self._mutants)))]
            try:
                done, _ = wait(work, return_when=FIRST_EXCEPTION)
                for each in done:
                    each.result()
            finally:
                self._pile.clear()
                for stages in self._stages:
                    stages.close()
        return tuple(self._trials)

    def _work(self, number: int) -> None:
        """One stack tries mutants until none is left, or somebody else has failed."""
        deployment, started = self._session.deployment, SYSTEM_CLOCK.monotonic()
        with ExitStack() as closing:
            run = closing.enter_context(Run(new_run_id()))
            stack = closing.enter_context(self._stack(run))
            with self._lock:
                self._secrets += stack.secrets
                self.redact = Redactor(self._secrets)
            self._say(f"stack {number + 1}: {stack.kind}, ready in {SYSTEM_CLOCK.monotonic() - started:.1f} s")
            laboratory = Laboratory(
                deployment, stack, run.folder / "mutant", self._mutants, thorough=self._thorough, staged=self._staged
            )
            if red := laboratory.red:
                names = "\n".join(self.redact(f"  {f.promise.id} {f.outcome}: {f.message}") for f in red)
                raise PlimsollError(
                    f"without any mutant, {len(red)} promises do not hold already:\n{names}",
                    hint="a mutant is seen by what it breaks, so nothing may be broken before",
                )
            self._say(f"stack {number + 1}: without a mutant every promise holds")
            while self._pile:
                try:
                    mutant = self._pile.popleft()
                except IndexError:  # somebody else was faster
                    break
                self._note(laboratory.trial(mutant))
            with self._lock:
                self.identity = self._session.identity(stack)

    def _stack(self, run: Run) -> Stack:
        """What mutants are tried on: a stack, or the stages, which put one up for each look."""
        if self._staged:
            place, known = run.folder, self._session
            stages = Stages(known.kind, known.deployment, workplace=place, journals=place / "journals")
            self._stages.append(stages)
            return stages
        return make(self._session.kind, self._session.deployment, run)

    def _note(self, trial: Trial) -> None:
        with self._lock:
            self._trials.append(trial)
            count = f"{len(self._trials):3}/{len(self._mutants)}"
        self._say(f"{count} {trial.verdict:10} {trial.mutant.name} ({trial.seconds:.1f} s)")
