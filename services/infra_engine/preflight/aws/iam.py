"""The role's permissions, the boundary, OIDC providers, and the customer's key."""

import json
from typing import Any

from libs.aws_access.errors import DENIED, error_code
from services.infra_engine.preflight.actions import ActionGroup
from services.infra_engine.preflight.aws.clients import pages, tags
from services.infra_engine.preflight.facts import Key

_BATCH = 60


def denied(iam: Any, role_arn: str, groups: tuple[ActionGroup, ...]) -> tuple[str, ...]:
    """Actions that IAM's simulation does not allow on one of their resources."""
    found: set[str] = set()
    for group in groups:
        context = [
            {
                "ContextKeyName": key,
                "ContextKeyValues": [value],
                # Not to be guessed from the value: a tag may say true too.
                "ContextKeyType": "boolean" if key == "kms:GrantIsForAWSResource" else "string",
            }
            for key, value in group.context.items()
        ]
        for start in range(0, len(group.actions), _BATCH):
            results = pages(
                iam,
                "simulate_principal_policy",
                "EvaluationResults",
                PolicySourceArn=role_arn,
                ActionNames=list(group.actions[start : start + _BATCH]),
                ResourceArns=list(group.resources),
                ContextEntries=context,
            )
            found.update(one["EvalActionName"] for one in results if one["EvalDecision"] != "allowed")
    return tuple(sorted(found))


def policy_exists(iam: Any, arn: str) -> bool:
    """Whether there is a managed policy of that ARN."""
    try:
        iam.get_policy(PolicyArn=arn)
    except Exception as error:
        if error_code(error) in ("NoSuchEntity", "NoSuchEntityException"):
            return False
        raise
    return True


def oidc_providers(iam: Any, own: tuple[str, str]) -> dict[str, str]:
    """Issuers, without `https://`, of the providers that do not carry the environment's tag, each with the uid of the
    environment that made it; empty for those that none made."""
    found = {}
    for view in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = view["Arn"]
        maker = tags(iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)).get(own[0], "")
        if maker != own[1]:
            found[arn.partition(":oidc-provider/")[2]] = maker
    return found


def key(kms: Any, arn: str, region: str) -> Key | None:
    """The customer's key, and which services its policy does not name; None when there is none."""
    try:
        view = kms.describe_key(KeyId=arn)["KeyMetadata"]
    except Exception as error:
        if error_code(error) == "NotFoundException":
            return None
        raise
    return Key(
        arn=view["Arn"],
        state=view["KeyState"],
        usage=view.get("KeyUsage", "ENCRYPT_DECRYPT"),
        spec=view.get("KeySpec", "SYMMETRIC_DEFAULT"),
        missing=_missing(kms, arn, region),
    )


def _missing(kms: Any, arn: str, region: str) -> tuple[str, ...]:
    try:
        policy = json.dumps(json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]))
    except Exception as error:
        if error_code(error) in DENIED:
            return ()
        raise
    logs = (f"logs.{region}.amazonaws.com", "logs.amazonaws.com")
    wanted = {
        "AWSServiceRoleForAutoScaling": ("AWSServiceRoleForAutoScaling",),
        logs[0]: logs,
    }
    return tuple(name for name, words in wanted.items() if not any(word in policy for word in words))
