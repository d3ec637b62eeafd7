"""Managed node groups: their nodes are the control plane's business, their description is EKS'."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from moto.core.utils import utcnow

from libs.sandbox.aws import runtime
from libs.sandbox.aws.ec2 import launch_templates
from libs.sandbox.aws.eks import access_entries, network
from libs.sandbox.aws.eks.control_planes import NodeGroup, Taint
from libs.sandbox.aws.eks.failures import InvalidParameter, InvalidRequest, ResourceInUse, ResourceNotFound
from libs.sandbox.aws.eks.models import Cluster, EksBackend, View, add_update
from libs.sandbox.aws.eks.releases import RELEASES
from libs.sandbox.aws.eks.requests import EksRequest, Operation
from libs.sandbox.aws.iam import lookup

_EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}


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
    if version not in RELEASES:
        raise InvalidParameter("Requested Nodegroup version is not supported")
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
        "scalingConfig": {"minSize": 1, "maxSize": 2, "desiredSize": 2, **request.get("scalingConfig", {})},
        "subnets": subnet_ids,
        "amiType": request.get("amiType", "AL2023_x86_64_STANDARD"),
        "nodeRole": request.get("nodeRole"),
        "labels": dict(request.get("labels", {})),
        "taints": list(request.get("taints", [])),
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{unique}"}]},
        "health": {"issues": []},
        "updateConfig": request.get("updateConfig", {"maxUnavailable": 1}),
        "tags": dict(request.get("tags", {})),
    }
    _place_machines(request, view)
    for key in ("remoteAccess", "nodeRepairConfig"):
        if request.get(key):
            view[key] = request.get(key)
    cluster.node_groups[name] = view
    if cluster.has_access_entries:
        access_entries.add_for_nodes(backend, cluster, request.get("nodeRole"))
    _put_nodes(backend, cluster, view)
    return {"nodegroup": view}


def _place_machines(request: EksRequest, view: View) -> None:
    """Instance types, disk and AMI: the group's own, or the launch template's where it has one."""
    given = request.get("launchTemplate")
    types = list(request.get("instanceTypes", []))
    if not given:
        view["instanceTypes"] = types or ["t3.medium"]
        view["diskSize"] = request.get("diskSize", 20)
        return
    backend = request.backend
    found = launch_templates.find(
        backend.account_id, backend.region_name, given.get("id"), given.get("name"), given.get("version")
    )
    if found is None:
        raise InvalidRequest("Launch template details can't be found: the launch template does not exist")
    view["launchTemplate"] = {"id": found.id, "name": found.name, "version": found.version}
    if types:
        view["instanceTypes"] = types
    if found.image_id:
        # The AMI is the user's own, and EKS then knows neither its release nor its family.
        view["amiType"] = "CUSTOM"
        view["releaseVersion"] = found.image_id


def _put_nodes(backend: EksBackend, cluster: Cluster, view: View, update: View | None = None) -> None:
    running = runtime.current()
    group = _nodes(backend, view)

    def put() -> None:
        try:
            running.control_planes.put_nodes(cluster.arn, group)
        except Exception as error:
            with running.lock:
                view["status"] = "CREATE_FAILED" if view["status"] == "CREATING" else "DEGRADED"
                view["health"]["issues"].append({"code": "NodeCreationFailure", "message": str(error)})
                if update is not None:
                    update["status"] = "Failed"
                    update["errors"].append({"errorCode": "NodeCreationFailure", "errorMessage": str(error)})
            raise
        with running.lock:
            if view["status"] != "DELETING":
                view["status"] = "ACTIVE"
            if update is not None:
                update["status"] = "Successful"

    running.background(f"eks nodes {group.name}", put, running.wait_seconds("eks:nodegroup"))


def _nodes(backend: EksBackend, view: View) -> NodeGroup:
    labels = {
        "eks.amazonaws.com/nodegroup": view["nodegroupName"],
        "eks.amazonaws.com/nodegroup-image": f"ami-{view['nodegroupArn'][-12:]}",
        "eks.amazonaws.com/capacityType": view["capacityType"],
    }
    return NodeGroup(
        name=view["nodegroupName"],
        labels=labels | view["labels"],
        taints=tuple(
            Taint(taint["key"], taint.get("value") or "", _EFFECTS[taint["effect"]]) for taint in view["taints"]
        ),
        instance_types=tuple(view.get("instanceTypes") or ("t3.medium",)),
        desired_size=int(view["scalingConfig"]["desiredSize"]),
        release_version=view["releaseVersion"],
        zones=network.zones(backend, view["subnets"]),
    )


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
    changes: dict[str, Any] = {}
    if scaling := request.get("scalingConfig"):
        view["scalingConfig"].update({key: value for key, value in scaling.items() if value is not None})
        changes.update(scaling)
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
    wanted = request.get("version", view["version"])
    if wanted not in RELEASES:
        raise InvalidParameter("Requested Nodegroup version is not supported")
    if int(wanted.split(".")[1]) > int(cluster.version.split(".")[1]):
        raise InvalidParameter(f"Requested nodegroup version {wanted} is newer than the cluster's {cluster.version}")
    changes: dict[str, Any] = {}
    if (given := request.get("launchTemplate")) is not None:
        if "launchTemplate" not in view:
            raise InvalidParameter("Nodegroup was not created with a launch template")
        view["launchTemplate"]["version"] = given.get("version")
        changes["LaunchTemplateVersion"] = given.get("version")
    view["version"] = wanted
    if view["amiType"] != "CUSTOM":
        view["releaseVersion"] = request.get("releaseVersion", RELEASES[wanted].node_release)
        changes |= {"Version": wanted, "ReleaseVersion": view["releaseVersion"]}
    return {"update": _update(request.backend, cluster, view, "VersionUpdate", changes)}


def _update(backend: EksBackend, cluster: Cluster, view: View, kind: str, changes: View) -> View:
    view["modifiedAt"] = utcnow()
    view["status"] = "UPDATING"
    update = add_update(cluster, kind, changes, status="InProgress")
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
