"""Whether a role's trust policy lets a principal assume it.

Understood: `Principal` by account id, account root, user, role or session ARN, or `*`; `Action` with
wildcards; `Condition` with StringEquals, StringLike, ArnEquals and ArnLike (with their `IfExists` forms) on
`sts:ExternalId`, `aws:PrincipalArn` and `aws:PrincipalAccount`. Any other condition does not hold, so that
what the sandbox cannot judge is refused and not let through.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, slots=True)
class Assuming:
    """Who asks for a role, and with what."""

    account_id: str
    caller_arn: str
    """The user, or the role's session."""
    principal_arn: str
    """The user, or the role behind the session."""
    external_id: str | None = None
    action: str = "sts:AssumeRole"


def allows(policy_document: str, assuming: Assuming) -> bool:
    """Whether some statement allows the call and none denies it."""
    policy = json.loads(policy_document)
    statements = _listed(policy.get("Statement", []))
    matching = [statement for statement in statements if _matches(statement, assuming)]
    allowed = any(statement.get("Effect") == "Allow" for statement in matching)
    return allowed and not any(statement.get("Effect") == "Deny" for statement in matching)


def _matches(statement: Mapping[str, Any], assuming: Assuming) -> bool:
    actions = _listed(statement.get("Action", []))
    if not any(fnmatchcase(assuming.action.lower(), str(action).lower()) for action in actions):
        return False
    return _is_principal(statement.get("Principal", {}), assuming) and all(
        _holds(operator, key, _listed(values), assuming)
        for operator, conditions in statement.get("Condition", {}).items()
        for key, values in conditions.items()
    )


def _is_principal(principal: Any, assuming: Assuming) -> bool:
    if principal == "*":
        return True
    known = {
        "*",
        assuming.account_id,
        f"arn:aws:iam::{assuming.account_id}:root",
        assuming.caller_arn,
        assuming.principal_arn,
    }
    return isinstance(principal, Mapping) and any(item in known for item in _listed(principal.get("AWS", [])))


def _holds(operator: str, key: str, wanted: Iterable[Any], assuming: Assuming) -> bool:
    values = {
        "sts:externalid": assuming.external_id,
        "aws:principalarn": assuming.principal_arn,
        "aws:principalaccount": assuming.account_id,
    }
    base = operator.removesuffix("IfExists")
    if key.lower() not in values or base not in ("StringEquals", "StringLike", "ArnEquals", "ArnLike"):
        return False
    actual = values[key.lower()]
    if actual is None:
        return operator.endswith("IfExists")
    if base == "StringEquals":
        return actual in wanted
    return any(fnmatchcase(actual, str(pattern)) for pattern in wanted)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
