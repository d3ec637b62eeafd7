"""Access entries: which IAM principal is which Kubernetes user, and the access policies it has.

An entry is bound to the role that it was made for: a role that is made again under the same name is let in only after
its entry is made again too. Those that EKS makes for node groups stay when the node groups go.
"""

from __future__ import annotations

from uuid import uuid4

from moto.core.utils import utcnow

from libs.sandbox.aws.eks.failures import InvalidParameter, InvalidRequest, ResourceInUse, ResourceNotFound
from libs.sandbox.aws.eks.models import Cluster, EksBackend, View
from libs.sandbox.aws.eks.requests import EksRequest, Operation
from libs.sandbox.aws.iam import lookup

POLICY_PREFIX = "arn:aws:eks::aws:cluster-access-policy/"
CLUSTER_ADMIN_POLICY = f"{POLICY_PREFIX}AmazonEKSClusterAdminPolicy"
_POLICIES = (
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)
_NODE_TYPES = ("EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX")


def add_administrator(backend: EksBackend, cluster: Cluster, principal_arn: str) -> None:
    """The entry that EKS makes for a cluster's creator."""
    _add(backend, cluster, principal_arn, "STANDARD", None, [], {})
    _associate(cluster, principal_arn, CLUSTER_ADMIN_POLICY, {"type": "cluster", "namespaces": []})


def add_for_nodes(backend: EksBackend, cluster: Cluster, role_arn: str) -> None:
    """The entry that EKS makes for a node group's role, once."""
    if role_arn not in cluster.access_entries:
        _add(backend, cluster, role_arn, "EC2_LINUX", None, [], {})


def lets_in(cluster: Cluster, principal_arn: str) -> bool:
    """Whether the principal has an entry, and is still the one that it was made for."""
    if principal_arn not in cluster.access_entries:
        return False
    bound, role = cluster.bound_role_ids.get(principal_arn), lookup.role(principal_arn)
    return bound is None or (role is not None and role.id == bound)


def _add(
    backend: EksBackend,
    cluster: Cluster,
    principal_arn: str,
    kind: str,
    username: str | None,
    groups: list[str],
    tags: dict[str, str],
) -> View:
    principal_type, _, name = principal_arn.rsplit(":", 1)[-1].partition("/")
    view: View = {
        "clusterName": cluster.name,
        "principalArn": principal_arn,
        "kubernetesGroups": ["system:nodes"] if kind in _NODE_TYPES else groups,
        "accessEntryArn": backend.arn(
            f"access-entry/{cluster.name}/{principal_type}/{backend.account_id}/{name.rsplit('/', 1)[-1]}/{uuid4()}"
        ),
        "createdAt": utcnow(),
        "modifiedAt": utcnow(),
        "tags": tags,
        "username": username or _username(principal_arn, kind),
        "type": kind,
    }
    cluster.access_entries[principal_arn] = view
    if role := lookup.role(principal_arn):
        cluster.bound_role_ids[principal_arn] = role.id
    cluster.access_policies.setdefault(principal_arn, {})
    return view


def _username(principal_arn: str, kind: str) -> str:
    if kind in _NODE_TYPES:
        return "system:node:{{EC2PrivateDNSName}}"
    if ":role/" not in principal_arn:
        return principal_arn
    account_id, role = principal_arn.split(":")[4], principal_arn.rsplit("/", 1)[-1]
    return f"arn:aws:sts::{account_id}:assumed-role/{role}/{{{{SessionName}}}}"


def create(request: EksRequest) -> View:
    """CreateAccessEntry: the principal must exist, and the cluster must know access entries."""
    cluster, principal_arn = _open(request), request.get("principalArn")
    if principal_arn in cluster.access_entries:
        raise ResourceInUse("The specified access entry resource is already in use on this cluster.")
    if ":role/" in principal_arn:
        lookup.check_principal(principal_arn, InvalidParameter)
    groups = list(request.get("kubernetesGroups", []))
    if any(group.startswith("system:") for group in groups):
        raise InvalidParameter("The kubernetes group name must not start with system:")
    view = _add(
        request.backend,
        cluster,
        principal_arn,
        request.get("type", "STANDARD"),
        request.get("username"),
        groups,
        dict(request.get("tags", {})),
    )
    return {"accessEntry": view}


def _open(request: EksRequest) -> Cluster:
    """The cluster; refused where the aws-auth map alone counts."""
    cluster = request.cluster()
    if not cluster.has_access_entries:
        raise InvalidRequest(
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] "
            "to perform this operation."
        )
    return cluster


def _find(request: EksRequest) -> tuple[Cluster, str]:
    cluster, principal_arn = _open(request), request.get("principalArn")
    if principal_arn not in cluster.access_entries:
        raise ResourceNotFound(
            f"The specified principalArn could not be found. You can view your available access entries with "
            f"'aws eks list-access-entries': {principal_arn}"
        )
    return cluster, principal_arn


def describe(request: EksRequest) -> View:
    """DescribeAccessEntry."""
    cluster, principal_arn = _find(request)
    return {"accessEntry": cluster.access_entries[principal_arn]}


def list_arns(request: EksRequest) -> View:
    """ListAccessEntries, all or those with a policy."""
    cluster, policy = _open(request), request.get("associatedPolicyArn")
    found = [arn for arn in cluster.access_entries if not policy or policy in cluster.access_policies[arn]]
    return request.page("accessEntries", sorted(found))


def update(request: EksRequest) -> View:
    """UpdateAccessEntry: groups and user name."""
    cluster, principal_arn = _find(request)
    view = cluster.access_entries[principal_arn]
    if (groups := request.get("kubernetesGroups")) is not None:
        view["kubernetesGroups"] = list(groups)
    if username := request.get("username"):
        view["username"] = username
    view["modifiedAt"] = utcnow()
    return {"accessEntry": view}


def delete(request: EksRequest) -> View:
    """DeleteAccessEntry, with its policies."""
    cluster, principal_arn = _find(request)
    del cluster.access_entries[principal_arn]
    cluster.access_policies.pop(principal_arn, None)
    cluster.bound_role_ids.pop(principal_arn, None)
    return {}


def _associate(cluster: Cluster, principal_arn: str, policy_arn: str, scope: View) -> View:
    view = {
        "policyArn": policy_arn,
        "accessScope": {"type": scope["type"], "namespaces": list(scope.get("namespaces") or [])},
        "associatedAt": utcnow(),
        "modifiedAt": utcnow(),
    }
    cluster.access_policies[principal_arn][policy_arn] = view
    return view


def associate_policy(request: EksRequest) -> View:
    """AssociateAccessPolicy."""
    cluster, principal_arn = _find(request)
    policy_arn = request.get("policyArn")
    if policy_arn.removeprefix(POLICY_PREFIX) not in _POLICIES:
        raise InvalidParameter(f"The policyArn parameter format is not valid: {policy_arn}")
    view = _associate(cluster, principal_arn, policy_arn, request.get("accessScope"))
    return {"clusterName": cluster.name, "principalArn": principal_arn, "associatedAccessPolicy": view}


def disassociate_policy(request: EksRequest) -> View:
    """DisassociateAccessPolicy."""
    cluster, principal_arn = _find(request)
    if cluster.access_policies[principal_arn].pop(request.get("policyArn"), None) is None:
        raise ResourceNotFound(f"The access policy is not associated: {request.get('policyArn')}")
    return {}


def list_associated(request: EksRequest) -> View:
    """ListAssociatedAccessPolicies."""
    cluster, principal_arn = _find(request)
    page = request.page("associatedAccessPolicies", list(cluster.access_policies[principal_arn].values()))
    return page | {"clusterName": cluster.name, "principalArn": principal_arn}


def list_policies(request: EksRequest) -> View:
    """ListAccessPolicies."""
    return request.page("accessPolicies", [{"name": name, "arn": f"{POLICY_PREFIX}{name}"} for name in _POLICIES])


OPERATIONS: dict[str, Operation] = {
    "CreateAccessEntry": create,
    "DescribeAccessEntry": describe,
    "ListAccessEntries": list_arns,
    "UpdateAccessEntry": update,
    "DeleteAccessEntry": delete,
    "AssociateAccessPolicy": associate_policy,
    "DisassociateAccessPolicy": disassociate_policy,
    "ListAssociatedAccessPolicies": list_associated,
    "ListAccessPolicies": list_policies,
}
