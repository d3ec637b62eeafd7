"""EKS: by the cluster's name and the names in it. What AWS is still at is waited for."""

from typing import Any

from services.infra_engine.preflight.aws.clients import tags
from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.kinds import Found, Health, Wanted

_ABSENT = "ResourceNotFoundException"
_FAILED = {"FAILED", "CREATE_FAILED", "DELETE_FAILED"}
_PENDING = {"CREATING", "UPDATING", "DELETING", "PENDING"}


def cluster(account: Account, wanted: Wanted) -> Found | None:
    name = wanted.text("name")
    found = account.ask("eks", "describe_cluster", _ABSENT, name=name)
    if found is None or not account.is_ours(tags(found["cluster"], "tags")):
        return None
    one = found["cluster"]
    issuer = one.get("identity", {}).get("oidc", {}).get("issuer")
    attributes: dict[str, Any] = {
        "name": name,
        "arn": one["arn"],
        "identity": [{"oidc": [{"issuer": issuer}]}],
        "vpc_config": [{"cluster_security_group_id": one.get("resourcesVpcConfig", {}).get("clusterSecurityGroupId")}],
    }
    return Found(name, attributes=attributes, health=_health(one))


def node_group(account: Account, wanted: Wanted) -> Found | None:
    """A group that is degraded is there, and mends itself or by an update."""
    of, name = wanted.text("cluster_name"), wanted.text("node_group_name")
    found = account.ask("eks", "describe_nodegroup", _ABSENT, clusterName=of, nodegroupName=name)
    if found is None or not account.is_ours(tags(found["nodegroup"], "tags")):
        return None
    return Found(f"{of}:{name}", health=_health(found["nodegroup"]))


def addon(account: Account, wanted: Wanted) -> Found | None:
    of, name = wanted.text("cluster_name"), wanted.text("addon_name")
    found = account.ask("eks", "describe_addon", _ABSENT, clusterName=of, addonName=name)
    return None if found is None else Found(f"{of}:{name}", health=_health(found["addon"]))


def access_entry(account: Account, wanted: Wanted) -> Found | None:
    of, principal = wanted.text("cluster_name"), wanted.text("principal_arn")
    found = account.ask("eks", "describe_access_entry", _ABSENT, clusterName=of, principalArn=principal)
    if found is None or not account.is_ours(tags(found["accessEntry"], "tags")):
        return None
    return Found(f"{of}:{principal}", attributes={"principal_arn": principal})


def access_policy(account: Account, wanted: Wanted) -> Found | None:
    of, principal, policy = (wanted.text(name) for name in ("cluster_name", "principal_arn", "policy_arn"))
    found = account.ask("eks", "list_associated_access_policies", _ABSENT, clusterName=of, principalArn=principal)
    present = {one["policyArn"] for one in (found or {}).get("associatedAccessPolicies", [])}
    return Found(f"{of}#{principal}#{policy}") if policy in present else None


def _health(one: dict[str, Any]) -> Health:
    status = one.get("status")
    return Health.FAILED if status in _FAILED else Health.PENDING if status in _PENDING else Health.HEALTHY
