"""Managed node groups: their nodes are the control plane's business, their description is EKS'."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from moto.core.utils import utcnow

from libs.sandbox.aws import runtime
from libs.sandbox.aws.eks import access_entries, machines, network, node_settings
from libs.sandbox.aws.eks.failures import InvalidParameter, InvalidRequest, ResourceInUse, ResourceNotFound
from libs.sandbox.aws.eks.models import Cluster, EksBackend, View, add_update
from libs.sandbox.aws.eks.releases import RELEASES
from libs.sandbox.aws.eks.requests import EksRequest, Operation
from libs.sandbox.aws.iam import lookup, service_linked_roles


def create(request: EksRequest) -> View:
    """CreateNodegroup: answers CREATING; ACTIVE once the nodes are Ready and AWS' wait is over."""
    backend, cluster, name = request.backend, request.cluster(), request.get("nodegroupName")
    if cluster.view["status"] not in ("ACTIVE", "UPDATING"):
        raise InvalidRequest(f"Cluster '{cluster.name}' is not in ACTIVE status")
    if name in cluster.node_groups:
        raise ResourceInUse(f"NodeGroup already exists with name {name} and cluster name {cluster.name}")
    lookup.check_role(request.get("nodeRole"), InvalidParameter)
    subnet_ids = list(request.get("subnets", []))
    if not network.zones(backend, subnet_ids):
        raise InvalidParameter(f"The subnet ID '{(subnet_ids or [''])[0]}' does not exist")
    version = request.get("version", cluster.version)
    node_settings.check_version(cluster, version, request.get("releaseVersion"))
    taints, scaling = list(request.get("taints", [])), request.get("scalingConfig", {})
    node_settings.check_taints(taints)
    unique = str(uuid4())
    view: View = {
        "nodegroupName": name,
        "nodegroupArn": backend.arn(f"nodegroup/{cluster.name}/{name}/{unique}"),
        "clusterName": cluster.name,
        "version": version,
        "releaseVersion": request.get("releaseVersion", RELEASES[version].node_release),
        "createdAt": utcnow(),
        "modifiedAt": utcnow(),
        "status": "CREATING",
        "capacityType": request.get("capacityType", "ON_DEMAND"),
        "scalingConfig": node_settings.scaling({"minSize": 1, "maxSize": 2, "desiredSize": 2}, scaling),
        "subnets": subnet_ids,
        "amiType": request.get("amiType", "AL2023_x86_64_STANDARD"),
        "nodeRole": request.get("nodeRole"),
        "labels": dict(request.get("labels", {})),
        "taints": taints,
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{unique}"}]},
        "health": {"issues": []},
        "updateConfig": request.get("updateConfig", {"maxUnavailable": 1}),
        "tags": dict(request.get("tags", {})),
    }
    machines.place(request, view)
    for key in ("remoteAccess", "nodeRepairConfig"):
        if request.get(key):
            view[key] = request.get(key)
    for service in ("eks-nodegroup.amazonaws.com", "autoscaling.amazonaws.com"):
        service_linked_roles.ensure(backend.account_id, service)
    cluster.node_groups[name] = view
    if cluster.has_access_entries:
        access_entries.add_for_nodes(backend, cluster, request.get("nodeRole"))
    _put_nodes(backend, cluster, view)
    return {"nodegroup": view}


def _put_nodes(backend: EksBackend, cluster: Cluster, view: View, update: View | None = None) -> None:
    running, created = runtime.current(), view["status"] == "CREATING"

    def put() -> None:
        try:
            with running.lock:
                group = machines.wanted(backend, view)
                _check_way_in(cluster, view)
            running.control_planes.put_nodes(cluster.arn, group)
        except Exception as error:
            refused = isinstance(error, (machines.LaunchFailed, machines.NeverJoined))
            code = "AsgInstanceLaunchFailures" if isinstance(error, machines.LaunchFailed) else "NodeCreationFailure"
            with running.lock:
                view["status"] = "CREATE_FAILED" if created else "DEGRADED"
                view["health"]["issues"].append({"code": code, "message": str(error)})
                if update is not None:
                    update["status"] = "Failed"
                    update["errors"].append({"errorCode": code, "errorMessage": str(error)})
            if refused:
                return
            raise
        with running.lock:
            if view["status"] != "DELETING":
                view["status"] = "ACTIVE"
            if update is not None:
                update["status"] = "Successful"

    running.background(f"eks nodes {view['nodegroupName']}", put, running.wait_seconds("eks:nodegroup"))


def _find(request: EksRequest) -> tuple[Cluster, View]:
    cluster, name = request.cluster(), request.get("nodegroupName")
    if name not in cluster.node_groups:
        raise ResourceNotFound(f"No node group found for name: {name}.")
    return cluster, cluster.node_groups[name]


def describe(request: EksRequest) -> View:
    """DescribeNodegroup."""
    return {"nodegroup": _find(request)[1]}


def list_names(request: EksRequest) -> View:
    """ListNodegroups."""
    return request.page("nodegroups", sorted(request.cluster().node_groups))


def delete(request: EksRequest) -> View:
    """DeleteNodegroup: gone once its nodes are."""
    cluster, view = _find(request)
    running, name = runtime.current(), view["nodegroupName"]
    if view["status"] == "DELETING":
        raise ResourceInUse(f"Nodegroup {name} is being deleted")
    view["status"] = "DELETING"

    def remove() -> None:
        try:
            running.control_planes.remove_nodes(cluster.arn, name)
        except Exception as error:
            with running.lock:
                view["status"] = "DELETE_FAILED"
                view["health"]["issues"].append({"code": "InternalFailure", "message": str(error)})
            raise
        with running.lock:
            cluster.node_groups.pop(name, None)

    running.run(f"eks remove {name}", remove, running.wait_seconds("eks:nodegroup-delete"))
    return {"nodegroup": view}


def update_config(request: EksRequest) -> View:
    """UpdateNodegroupConfig: scaling, labels, taints, update and repair settings."""
    cluster, view = _find(request)
    _must_be_active(view)
    changes: dict[str, Any] = {}
    node_settings.check_taints((request.get("taints") or {}).get("addOrUpdateTaints") or [])
    if scaling := request.get("scalingConfig"):
        view["scalingConfig"] = node_settings.scaling(view["scalingConfig"], scaling)
        changes.update({key[0].upper() + key[1:]: value for key, value in scaling.items()})
    if labels := request.get("labels"):
        view["labels"].update(labels.get("addOrUpdateLabels") or {})
        for key in labels.get("removeLabels") or []:
            view["labels"].pop(key, None)
        changes["Labels"] = labels
    if taints := request.get("taints"):
        gone = {(taint["key"], taint["effect"]) for taint in taints.get("removeTaints") or []}
        put = {(taint["key"], taint["effect"]): taint for taint in taints.get("addOrUpdateTaints") or []}
        kept = {(taint["key"], taint["effect"]): taint for taint in view["taints"]}
        view["taints"] = [taint for key, taint in (kept | put).items() if key not in gone]
        changes["Taints"] = taints
    for key in ("updateConfig", "nodeRepairConfig"):
        if request.get(key):
            view[key] = request.get(key)
            changes[key] = request.get(key)
    return {"update": _update(request.backend, cluster, view, "ConfigUpdate", changes)}


def update_version(request: EksRequest) -> View:
    """UpdateNodegroupVersion: Kubernetes version, AMI release or launch template version."""
    cluster, view = _find(request)
    _must_be_active(view)
    wanted = request.get("version", view["version"])
    node_settings.check_version(cluster, wanted, request.get("releaseVersion"))
    if int(wanted.split(".")[1]) < int(view["version"].split(".")[1]):
        raise InvalidParameter(f"Nodegroup Kubernetes version cannot go from {view['version']} down to {wanted}")
    changes: dict[str, Any] = {}
    if (given := request.get("launchTemplate")) is not None:
        if "launchTemplate" not in view:
            raise InvalidParameter("Nodegroup was not created with a launch template")
        changes["LaunchTemplateVersion"] = machines.move(request.backend, view, given)
    view["version"] = wanted
    if view["amiType"] != "CUSTOM":
        view["releaseVersion"] = request.get("releaseVersion", RELEASES[wanted].node_release)
        changes |= {"Version": wanted, "ReleaseVersion": view["releaseVersion"]}
    return {"update": _update(request.backend, cluster, view, "VersionUpdate", changes)}


def _check_way_in(cluster: Cluster, view: View) -> None:
    if cluster.has_access_entries and not access_entries.lets_in(cluster, view["nodeRole"]):
        raise machines.NeverJoined("Instances failed to join the kubernetes cluster")


def _must_be_active(view: View) -> None:
    if view["status"] not in ("ACTIVE", "DEGRADED"):
        raise ResourceInUse(f"Nodegroup cannot be updated as it is currently not in Active State: {view['status']}")


def _update(backend: EksBackend, cluster: Cluster, view: View, kind: str, changes: View) -> View:
    view["modifiedAt"] = utcnow()
    view["status"] = "UPDATING"
    update = add_update(cluster, kind, changes, f"nodegroup/{view['nodegroupName']}")
    _put_nodes(backend, cluster, view, update)
    return update


OPERATIONS: dict[str, Operation] = {
    "CreateNodegroup": create,
    "DescribeNodegroup": describe,
    "ListNodegroups": list_names,
    "DeleteNodegroup": delete,
    "UpdateNodegroupConfig": update_config,
    "UpdateNodegroupVersion": update_version,
}
