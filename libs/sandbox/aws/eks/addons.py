"""Add-ons of a cluster: recorded and described. Their pods are not run: kwok nodes need no CNI or CSI driver."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

from moto.core.utils import utcnow

from libs.sandbox.aws import runtime
from libs.sandbox.aws.eks import pod_identities
from libs.sandbox.aws.eks.failures import InvalidParameter, InvalidRequest, ResourceInUse, ResourceNotFound
from libs.sandbox.aws.eks.models import Cluster, View, add_update
from libs.sandbox.aws.eks.releases import ADDONS, RELEASES, SERVICE_ACCOUNT_ADDONS, addon_versions
from libs.sandbox.aws.eks.requests import EksRequest, Operation
from libs.sandbox.aws.iam import lookup


def create(request: EksRequest) -> View:
    """CreateAddon: the version must be one that DescribeAddonVersions names for the cluster's version."""
    backend, cluster, name = request.backend, request.cluster(), request.get("addonName")
    if cluster.view["status"] not in ("ACTIVE", "UPDATING"):
        raise InvalidRequest(f"Cluster {cluster.name} is not in ACTIVE status")
    if name in cluster.addons:
        raise ResourceInUse("Addon already exists.")
    role = request.get("serviceAccountRoleArn")
    view: View = {
        "addonName": name,
        "clusterName": cluster.name,
        "status": "CREATING",
        "addonVersion": _version(cluster, name, request.get("addonVersion")),
        "health": {"issues": []},
        "addonArn": backend.arn(f"addon/{cluster.name}/{name}/{uuid4()}"),
        "createdAt": utcnow(),
        "modifiedAt": utcnow(),
        "tags": dict(request.get("tags", {})),
    }
    _configure(request, view, role)
    cluster.addons[name] = view

    def active() -> None:
        if view["status"] == "CREATING":
            view["status"] = "ACTIVE"

    runtime.current().later("eks:addon", f"eks addon {name}", active)
    return {"addon": view | {"status": "CREATING"}}


def _version(cluster: Cluster, name: str, wanted: str | None) -> str:
    offered = addon_versions(name, cluster.version)
    if not offered:
        raise InvalidParameter(f"Addon {name} specified is not supported in {cluster.version} kubernetes version")
    if wanted and wanted not in offered:
        raise InvalidParameter("Addon version specified is not supported")
    return str(wanted or offered[0])


def _configure(request: EksRequest, view: View, role: str | None) -> None:
    if role:
        lookup.check_role(role, InvalidParameter)
        view["serviceAccountRoleArn"] = role
    if (values := request.get("configurationValues")) is not None:
        try:
            json.loads(values or "{}")
        except ValueError as error:
            raise InvalidParameter(f"ConfigurationValue provided in request is not supported: {error}") from error
        view["configurationValues"] = values
    if (associations := request.get("podIdentityAssociations")) is not None:
        # An add-on's associations are what the last call says: those that it had go first.
        pod_identities.remove_owned(request.cluster(), view["addonArn"])
        owned = [
            pod_identities.associate(request, item["serviceAccount"], item["roleArn"], view["addonArn"])
            for item in associations
        ]
        view["podIdentityAssociations"] = [association["associationArn"] for association in owned]


def _find(request: EksRequest) -> tuple[Cluster, View]:
    cluster, name = request.cluster(), request.get("addonName")
    if name not in cluster.addons:
        raise ResourceNotFound(f"No addon: {name} found in cluster: {cluster.name}")
    return cluster, cluster.addons[name]


def describe(request: EksRequest) -> View:
    """DescribeAddon."""
    return {"addon": _find(request)[1]}


def list_names(request: EksRequest) -> View:
    """ListAddons."""
    return request.page("addons", sorted(request.cluster().addons))


def update(request: EksRequest) -> View:
    """UpdateAddon: version, role, configuration; UPDATING until AWS' wait is over."""
    cluster, view = _find(request)
    if view["status"] in ("CREATING", "UPDATING", "DELETING"):
        raise ResourceInUse(f"Addon {view['addonName']} cannot be updated as it is currently {view['status']}")
    changes = {}
    if wanted := request.get("addonVersion"):
        view["addonVersion"] = changes["AddonVersion"] = _version(cluster, view["addonName"], wanted)
    _configure(request, view, request.get("serviceAccountRoleArn"))
    view["modifiedAt"] = utcnow()
    view["status"] = "UPDATING"
    update = add_update(cluster, "AddonUpdate", changes, f"addon/{view['addonName']}")

    def finish() -> None:
        update["status"] = "Successful"
        if view["status"] == "UPDATING":
            view["status"] = "ACTIVE"

    runtime.current().later("eks:addon", f"eks addon {view['addonName']}", finish)
    return {"update": update | {"status": "InProgress"}}


def delete(request: EksRequest) -> View:
    """DeleteAddon: describable as DELETING until AWS' wait is over."""
    cluster, view = _find(request)
    view["status"] = "DELETING"

    def remove() -> None:
        cluster.addons.pop(view["addonName"], None)
        pod_identities.remove_owned(cluster, view["addonArn"])

    runtime.current().later("eks:addon", f"eks addon {view['addonName']}", remove)
    return {"addon": view}


def describe_versions(request: EksRequest) -> View:
    """DescribeAddonVersions, for one Kubernetes version or for all."""
    wanted, name = request.get("kubernetesVersion"), request.get("addonName")
    kubernetes = [wanted] if wanted else list(RELEASES)
    addons = []
    for addon in ADDONS if name is None else [name]:
        by_version: dict[str, list[View]] = {}
        for minor in kubernetes:
            for place, version in enumerate(addon_versions(addon, minor)):
                compatibility = {"clusterVersion": minor, "platformVersions": ["*"], "defaultVersion": place == 0}
                by_version.setdefault(version, []).append(compatibility)
        if by_version:
            addons.append(_offer(addon, by_version))
    return request.page("addons", addons)


def _offer(addon: str, by_version: dict[str, list[View]]) -> View:
    return {
        "addonName": addon,
        "type": "networking" if addon in ("vpc-cni", "kube-proxy", "coredns") else "storage",
        "publisher": "eks",
        "owner": "aws",
        "addonVersions": [
            {
                "addonVersion": version,
                "architecture": ["amd64", "arm64"],
                "computeTypes": ["ec2"],
                "compatibilities": compatibilities,
                "requiresConfiguration": False,
                "requiresIamPermissions": addon in SERVICE_ACCOUNT_ADDONS,
            }
            for version, compatibilities in sorted(by_version.items(), key=_newest_first, reverse=True)
        ],
    }


def _newest_first(item: tuple[str, Any]) -> list[int]:
    """How add-on versions are listed, whichever is the default."""
    return [int(part) for part in re.findall(r"\d+", item[0])]


OPERATIONS: dict[str, Operation] = {
    "CreateAddon": create,
    "DescribeAddon": describe,
    "ListAddons": list_names,
    "UpdateAddon": update,
    "DeleteAddon": delete,
    "DescribeAddonVersions": describe_versions,
}
