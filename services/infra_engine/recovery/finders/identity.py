"""IAM: by name, which holds the environment's uid. The tagging API does not reach it."""

from services.infra_engine.preflight.aws.clients import tags
from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.kinds import Found, Wanted

_ABSENT = "NoSuchEntity"


def role(account: Account, wanted: Wanted) -> Found | None:
    name = wanted.text("name")
    found = account.ask("iam", "get_role", _ABSENT, RoleName=name)
    if found is None or not account.is_ours(tags(found["Role"])):
        return None
    return Found(name, attributes={"name": name, "arn": found["Role"]["Arn"]})


def role_policy(account: Account, wanted: Wanted) -> Found | None:
    role_name, name = wanted.text("role"), wanted.text("name")
    found = account.ask("iam", "get_role_policy", _ABSENT, RoleName=role_name, PolicyName=name)
    return None if found is None else Found(f"{role_name}:{name}")


def attachment(account: Account, wanted: Wanted) -> Found | None:
    role_name, policy = wanted.text("role"), wanted.text("policy_arn")
    found = account.ask("iam", "list_attached_role_policies", _ABSENT, RoleName=role_name, MaxItems=200)
    attached = {one["PolicyArn"] for one in (found or {}).get("AttachedPolicies", [])}
    return Found(f"{role_name}/{policy}") if policy in attached else None


def instance_profile(account: Account, wanted: Wanted) -> Found | None:
    name = wanted.text("name")
    found = account.ask("iam", "get_instance_profile", _ABSENT, InstanceProfileName=name)
    if found is None or not account.is_ours(tags(found["InstanceProfile"])):
        return None
    return Found(name, attributes={"name": name, "arn": found["InstanceProfile"]["Arn"]})


def user(account: Account, wanted: Wanted) -> Found | None:
    name = wanted.text("name")
    found = account.ask("iam", "get_user", _ABSENT, UserName=name)
    if found is None or not account.is_ours(tags(found["User"])):
        return None
    return Found(name, attributes={"name": name, "arn": found["User"]["Arn"]})


def user_policy(account: Account, wanted: Wanted) -> Found | None:
    user_name, name = wanted.text("user"), wanted.text("name")
    found = account.ask("iam", "get_user_policy", _ABSENT, UserName=user_name, PolicyName=name)
    return None if found is None else Found(f"{user_name}:{name}")


def openid_connect_provider(account: Account, wanted: Wanted) -> Found | None:
    """IAM names it by the issuer, of which a cluster of ours has one of its own."""
    access = account.access
    issuer = wanted.text("url").removeprefix("https://")
    arn = f"arn:{access.partition}:iam::{access.account_id}:oidc-provider/{issuer}"
    found = account.ask("iam", "get_open_id_connect_provider", _ABSENT, OpenIDConnectProviderArn=arn)
    if found is None or not account.is_ours(tags(found)):
        return None
    return Found(arn, attributes={"arn": arn})
