"""The rules: pure functions from a promise and what was seen to a finding.

A rule's name is its id with dashes for underscores. Its signature says everything else: the observations it reads, by
annotation (`Outage | None` for one that it can do without), and its own parameters, which are keyword-only.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType, NoneType

from plimsoll.model import Finding
from plimsoll.rules import (
    agreement,
    artefacts,
    auth,
    backup,
    capacity,
    cloud,
    containers,
    database,
    edge,
    endpoints,
    firewall,
    headers,
    kubernetes,
    observability,
    operations,
    recovery,
    resilience,
    rollout,
    secrets_env,
    slo,
    supply_chain,
    tls,
)

AREAS: tuple[ModuleType, ...] = (
    agreement,
    artefacts,
    auth,
    backup,
    capacity,
    cloud,
    containers,
    database,
    edge,
    endpoints,
    firewall,
    headers,
    kubernetes,
    observability,
    operations,
    recovery,
    resilience,
    rollout,
    secrets_env,
    slo,
    supply_chain,
    tls,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its signature describes it. `reads` maps an observation's type to whether the rule needs it."""

    name: str
    area: str
    says: str
    judge: Callable[..., Finding]
    reads: Mapping[type, bool]
    parameters: Mapping[str, object]
    required: frozenset[str]


def _rule(name: str, area: str, judge: Callable[..., Finding]) -> Rule:
    hints = typing.get_type_hints(judge)
    reads: dict[type, bool] = {}
    parameters: dict[str, object] = {}
    required: set[str] = set()
    for parameter in list(inspect.signature(judge).parameters.values())[1:]:
        hint = hints[parameter.name]
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            parameters[parameter.name] = hint
            if parameter.default is inspect.Parameter.empty:
                required.add(parameter.name)
        else:
            choices = typing.get_args(hint) or (hint,)
            reads[choices[0]] = NoneType not in choices
    says = (judge.__doc__ or "").strip().splitlines()[0]
    return Rule(name, area, says, judge, reads, parameters, frozenset(required))


def _area_of(package: ModuleType) -> str:
    """The area that a package of rules is for, as the catalogue spells it."""
    return package.__name__.rpartition(".")[2].replace("_", "-")


def _rules() -> dict[str, Rule]:
    """Every rule by its name, which no other may have."""
    found: dict[str, Rule] = {}
    for area in AREAS:
        for module in area.MODULES:
            for function in module.__all__:
                name = function.replace("_", "-")
                assert name not in found, f"two rules are called {name}"  # noqa: S101 - the second would hide the first
                found[name] = _rule(name, _area_of(area), getattr(module, function))
    return found


RULES: Mapping[str, Rule] = _rules()
