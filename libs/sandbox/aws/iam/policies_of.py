"""The policies of a user or a role, and the boundary that limits them."""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import InvalidInput, NoSuchEntity
from moto.iam.models import IAMBackend, Role, User

from libs.sandbox.aws.iam.evaluation import Policy

Principal = User | Role


def principal(iam: IAMBackend, arn: str) -> Principal:
    """The user or role of an ARN; the error that SimulatePrincipalPolicy has for anything else."""
    kind = arn.split(":", 5)[-1].partition("/")[0]
    if not arn.startswith("arn:") or kind not in ("user", "role"):
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    known: list[Principal] = list(iam.users.values()) if kind == "user" else list(iam.roles.values())
    for found in known:
        if found.arn == arn:
            return found
    raise NoSuchEntity(f"The {kind} with ARN {arn} cannot be found.")


def identity_policies(iam: IAMBackend, found: Principal) -> list[Policy]:
    """Inline and attached ones, of a user's groups too."""
    holders: list[Any] = [found]
    if isinstance(found, User):
        holders += iam.get_groups_for_user(found.name)
    policies = []
    for holder in holders:
        kind = type(holder).__name__.lower()
        policies += [Policy(f"{kind}_{holder.name}_{name}", text) for name, text in holder.policies.items()]
        policies += [_managed(iam, arn) for arn in holder.managed_policies]
    return policies


def boundary(iam: IAMBackend, found: Principal) -> list[Policy] | None:
    """The boundary as a list of one; None without one."""
    arn = getattr(found, "permissions_boundary_arn", None)
    return [_managed(iam, arn)] if arn else None


def _managed(iam: IAMBackend, arn: str) -> Policy:
    policy: Any = iam.get_policy(arn)
    for version in policy.versions:
        if version.is_default:
            return Policy(policy.name, version.document)
    raise NoSuchEntity(f"Policy {arn} has no default version.")
