"""IAM: by name, which holds the environment's uid. The tagging API does not reach it."""

from services.infra_engine.preflight.aws.clients import tags
from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.kinds import Found, Wanted

_ABSENT = "NoSuchEntity"


def role(account: Account, wanted: Wanted) -> Found | None:
    return _named(account, wanted, "get_role", "RoleName", "Role")


def role_policy(account: Account, wanted: Wanted) -> Found | None:
    return _inline(account, "get_role_policy", "RoleName", wanted.text("role"), wanted.text("name"))


def attachment(account: Account, wanted: Wanted) -> Found | None:
    role_name, policy = wanted.text("role"), wanted.text("policy_arn")
    found = account.ask("iam", "list_attached_role_policies", _ABSENT, RoleName=role_name, MaxItems=200)
    attached = {one["PolicyArn"] for one in (found or {}).get("AttachedPolicies", [])}
    return Found(f"{role_name}/{policy}") if policy in attached else None


def instance_profile(account: Account, wanted: Wanted) -> Found | None:
    return _named(account, wanted, "get_instance_profile", "InstanceProfileName", "InstanceProfile")


def user(account: Account, wanted: Wanted) -> Found | None:
    return _named(account, wanted, "get_user", "UserName", "User")


def user_policy(account: Account, wanted: Wanted) -> Found | None:
    return _inline(account, "get_user_policy", "UserName", wanted.text("user"), wanted.text("name"))


def openid_connect_provider(account: Account, wanted: Wanted) -> Found | None:
    """IAM names it by the issuer. That of a customer's own cluster may be theirs, whoever made it."""
    access = account.access
    issuer = wanted.text("url").removeprefix("https://")
    arn = f"arn:{access.partition}:iam::{access.account_id}:oidc-provider/{issuer}"
    found = account.ask("iam", "get_open_id_connect_provider", _ABSENT, OpenIDConnectProviderArn=arn)
    if found is None or not account.is_marked_ours(tags(found)):
        return None
    return Found(arn, attributes={"arn": arn})


def _named(account: Account, wanted: Wanted, operation: str, parameter: str, key: str) -> Found | None:
    name = wanted.text("name")
    found = account.ask("iam", operation, _ABSENT, **{parameter: name})
    if found is None or not account.is_ours(tags(found[key])):
        return None
    return Found(name, attributes={"name": name, "arn": found[key]["Arn"]})


def _inline(account: Account, operation: str, parameter: str, owner: str, name: str) -> Found | None:
    found = account.ask("iam", operation, _ABSENT, **{parameter: owner}, PolicyName=name)
    return None if found is None else Found(f"{owner}:{name}")
