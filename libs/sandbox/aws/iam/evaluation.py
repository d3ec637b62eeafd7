"""What policies say about an action: allowed, denied by a statement, or not allowed by any.

moto has an evaluator (`moto.iam.access_control`), which takes an Allow whose condition does not hold for a
denial, knows one operator of conditions, `*` as the only wildcard, and no NotResource. This is one of our own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from libs.sandbox.aws.iam import conditions
from libs.sandbox.aws.iam.conditions import Context, listed

Decision = Literal["allowed", "explicitDeny", "implicitDeny"]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy with the name under which a decision tells of it."""

    id: str
    document: str
    kind: str = "IAM Policy"


@dataclass(frozen=True, slots=True)
class Asked:
    """An action on a resource, in a context."""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a set of policies says."""

    decision: Decision
    matched: tuple[Policy, ...]
    """The policies with statements that decided."""
    missing: frozenset[str]
    """Condition keys that were asked for and are not in the context."""


def statements(document: str) -> list[Mapping[str, Any]]:
    """The statements of a policy, one or many."""
    return listed(json.loads(document).get("Statement", []))


def judge(policies: Sequence[Policy], asked: Asked) -> Verdict:
    """A denial anywhere wins; else any allowance; else nothing allows it."""
    allowed: list[Policy] = []
    denied: list[Policy] = []
    missing: set[str] = set()
    for policy in policies:
        for statement in statements(policy.document):
            if not concerns(statement, asked):
                continue
            condition = statement.get("Condition") or {}
            missing |= conditions.missing(condition, asked.context)
            if conditions.holds(_filled(condition, asked.context), asked.context):
                (denied if statement.get("Effect") == "Deny" else allowed).append(policy)
    if denied:
        return Verdict("explicitDeny", tuple(dict.fromkeys(denied)), frozenset(missing))
    decision: Decision = "allowed" if allowed else "implicitDeny"
    return Verdict(decision, tuple(dict.fromkeys(allowed)), frozenset(missing))


def concerns(statement: Mapping[str, Any], asked: Asked) -> bool:
    """Whether the statement is about the action and the resource, whatever its condition."""
    action = asked.action.lower()
    if "NotAction" in statement:
        if _any(action, (str(one).lower() for one in listed(statement["NotAction"]))):
            return False
    elif not _any(action, (str(one).lower() for one in listed(statement.get("Action", [])))):
        return False
    if "NotResource" in statement:
        return not _any(asked.resource, _resources(statement["NotResource"], asked))
    return "Resource" not in statement or _any(asked.resource, _resources(statement["Resource"], asked))


def _resources(given: Any, asked: Asked) -> Iterable[str]:
    return (_fill(str(one), asked.context) for one in listed(given))


def _any(value: str, patterns: Iterable[str]) -> bool:
    return any(conditions.matches(pattern, value) for pattern in patterns)


def _filled(condition: Mapping[str, Any], context: Context) -> dict[str, dict[str, list[Any]]]:
    return {
        operator: {
            key: [_fill(one, context) if isinstance(one, str) else one for one in listed(wanted)]
            for key, wanted in keys.items()
        }
        for operator, keys in condition.items()
    }


def _fill(text: str, context: Context) -> str:
    """Put values in the place of policy variables; one without a value stays, and so matches nothing."""

    def value(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(",")
        if name in ("*", "?", "$"):
            return name
        known = context.get(name.strip().lower())
        return known[0] if known else default.strip().strip("'") or found[0]

    return _VARIABLE.sub(value, text)
