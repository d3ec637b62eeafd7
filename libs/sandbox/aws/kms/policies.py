"""Key policies.

AWS: refuses a policy that names a user or role that does not exist, such as a service-linked role that nobody
has made yet.
moto: takes any text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.iam.models import iam_backends
from moto.kms.models import KmsBackend

from libs.sandbox.aws.failures import AwsFailure
from libs.sandbox.aws.iam.conditions import listed
from libs.sandbox.aws.iam.evaluation import statements

_PRINCIPAL = re.compile(r"^arn:aws:iam::(\d{12}):(user|role)/.+$")


def mend() -> None:
    """Check the policy of a new key and a changed one."""
    create, put = KmsBackend.create_key, KmsBackend.put_key_policy

    def checked_create(self: KmsBackend, policy: str | None, *arguments: Any, **named: Any) -> Any:
        _check(policy)
        return create(self, policy, *arguments, **named)

    def checked_put(self: KmsBackend, key_id: str, policy: str) -> Any:
        _check(policy)
        return put(self, key_id, policy)

    KmsBackend.create_key = checked_create  # type: ignore[method-assign]
    KmsBackend.put_key_policy = checked_put  # type: ignore[method-assign]


def _check(policy: str | None) -> None:
    if not policy:
        return
    try:
        named = list(_principals(policy))
    except (ValueError, AttributeError) as error:
        raise AwsFailure("MalformedPolicyDocumentException", f"Policy is not valid JSON: {error}") from error
    for account_id, arn in named:
        iam = iam_backends[account_id]["aws"]
        known = {user.arn for user in iam.users.values()} | {role.arn for role in iam.roles.values()}
        if arn not in known:
            raise AwsFailure(
                "MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."
            )


def _principals(policy: str) -> Iterator[tuple[str, str]]:
    if not isinstance(json.loads(policy), dict):
        raise ValueError("it is no object")
    for statement in statements(policy):
        principal = statement.get("Principal")
        for arn in listed(principal.get("AWS", [])) if isinstance(principal, dict) else []:
            if found := _PRINCIPAL.match(str(arn)):
                yield found[1], str(arn)
