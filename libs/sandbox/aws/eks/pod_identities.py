"""Pod identity associations: which service account of a cluster has which role."""

from __future__ import annotations

import secrets

from moto.core.utils import utcnow

from libs.sandbox.aws.eks.failures import InvalidParameter, ResourceInUse, ResourceNotFound
from libs.sandbox.aws.eks.models import Cluster, View
from libs.sandbox.aws.eks.requests import EksRequest, Operation
from libs.sandbox.aws.iam import lookup


def associate(request: EksRequest, service_account: str, role_arn: str, owner_arn: str | None = None) -> View:
    """Make an association in the call's cluster; an add-on's belong to it and go with it."""
    cluster = request.cluster()
    lookup.check_role(role_arn, InvalidParameter)
    namespace = request.get("namespace", "kube-system")
    for other in cluster.pod_identities.values():
        if (other["namespace"], other["serviceAccount"]) == (namespace, service_account):
            raise ResourceInUse("Association already exists: " + other["associationId"])
    key = f"a-{secrets.token_hex(8)}"
    view: View = {
        "clusterName": cluster.name,
        "namespace": namespace,
        "serviceAccount": service_account,
        "roleArn": role_arn,
        "associationArn": request.backend.arn(f"podidentityassociation/{cluster.name}/{key}"),
        "associationId": key,
        "tags": {} if owner_arn else dict(request.get("tags", {})),
        "createdAt": utcnow(),
        "modifiedAt": utcnow(),
        "disableSessionTags": bool(request.get("disableSessionTags", False)),
    }
    if owner_arn:
        view["ownerArn"] = owner_arn
    if target := request.get("targetRoleArn"):
        view["targetRoleArn"] = target
    cluster.pod_identities[key] = view
    return view


def remove_owned(cluster: Cluster, owner_arn: str) -> None:
    """Take away the associations that belong to an add-on."""
    for key, association in list(cluster.pod_identities.items()):
        if association.get("ownerArn") == owner_arn:
            del cluster.pod_identities[key]


def create(request: EksRequest) -> View:
    """CreatePodIdentityAssociation."""
    return {"association": associate(request, request.get("serviceAccount"), request.get("roleArn"))}


def _find(request: EksRequest) -> View:
    cluster, key = request.cluster(), request.get("associationId")
    if key not in cluster.pod_identities:
        raise ResourceNotFound(f"No association found with associationId: {key}")
    return cluster.pod_identities[key]


def describe(request: EksRequest) -> View:
    """DescribePodIdentityAssociation."""
    return {"association": _find(request)}


def list_summaries(request: EksRequest) -> View:
    """ListPodIdentityAssociations, of a namespace or service account where asked."""
    found = [
        view
        for view in request.cluster().pod_identities.values()
        if request.get("namespace", view["namespace"]) == view["namespace"]
        and request.get("serviceAccount", view["serviceAccount"]) == view["serviceAccount"]
    ]
    return request.page("associations", found)


def update(request: EksRequest) -> View:
    """UpdatePodIdentityAssociation."""
    view = _find(request)
    if role_arn := request.get("roleArn"):
        lookup.check_role(role_arn, InvalidParameter)
        view["roleArn"] = role_arn
    view["modifiedAt"] = utcnow()
    return {"association": view}


def delete(request: EksRequest) -> View:
    """DeletePodIdentityAssociation."""
    view = _find(request)
    del request.cluster().pod_identities[view["associationId"]]
    return {"association": view}


OPERATIONS: dict[str, Operation] = {
    "CreatePodIdentityAssociation": create,
    "DescribePodIdentityAssociation": describe,
    "ListPodIdentityAssociations": list_summaries,
    "UpdatePodIdentityAssociation": update,
    "DeletePodIdentityAssociation": delete,
}
