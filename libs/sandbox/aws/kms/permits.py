"""Whether a key's policy lets an AWS service, or a role that has no rights of its own, use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.kms.models import Key, kms_backends

from libs.sandbox.aws.iam import conditions
from libs.sandbox.aws.iam.evaluation import Asked, concerns, statements


def find(arn: str) -> Key | None:
    """The key of an ARN in any account, unless it is disabled or about to be deleted."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "kms" or parts[4] not in kms_backends:
        return None
    key = kms_backends[parts[4]][parts[3]].keys.get(parts[5].removeprefix("key/"))
    return key if key is not None and key.key_state == "Enabled" else None


def permits_service(arn: str, services: Iterable[str], actions: Iterable[str], context: Mapping[str, str]) -> bool:
    """Whether one of the service principals may call every action on the key in that context."""
    return _permits(arn, "Service", set(services), actions, context)


def permits_role(arn: str, role_arn: str, actions: Iterable[str], context: Mapping[str, str]) -> bool:
    """Whether the key's policy itself lets the role call every action; what IAM allows does not count."""
    account_id = role_arn.split(":")[4]
    known = {"aws:PrincipalArn": role_arn, "aws:PrincipalAccount": account_id, "kms:CallerAccount": account_id}
    return _permits(arn, "AWS", {role_arn, "*"}, actions, known | dict(context))


def _permits(arn: str, kind: str, principals: set[str], actions: Iterable[str], context: Mapping[str, str]) -> bool:
    key, known = find(arn), conditions.context_of(context)
    if key is None:
        return False
    asked = [Asked(action, key.arn, known) for action in actions]
    ours = [one for one in statements(key.policy) if _names(one, kind, principals)]
    return all(_allowed(ours, one) for one in asked)


def _allowed(found: list[Mapping[str, Any]], asked: Asked) -> bool:
    effects = {
        one.get("Effect")
        for one in found
        if concerns(one, asked) and conditions.holds(one.get("Condition") or {}, asked.context)
    }
    return "Allow" in effects and "Deny" not in effects


def _names(statement: Mapping[str, Any], kind: str, principals: set[str]) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    return isinstance(principal, Mapping) and bool(principals & set(conditions.listed(principal.get(kind, []))))
