"""Clusters: created and deleted with a real control plane behind them."""

from __future__ import annotations

import re
import secrets

from moto.core.utils import utcnow

from libs.sandbox.aws import runtime
from libs.sandbox.aws.eks import access_entries, cluster_logging, network
from libs.sandbox.aws.eks.failures import InvalidParameter, InvalidRequest, ResourceInUse
from libs.sandbox.aws.eks.models import Cluster, EksBackend, View
from libs.sandbox.aws.eks.releases import DEFAULT_VERSION, RELEASES
from libs.sandbox.aws.eks.requests import EksRequest, Operation
from libs.sandbox.aws.iam import lookup, service_linked_roles
from libs.sandbox.aws.kms import permits

_NAME = re.compile(r"^[0-9A-Za-z][A-Za-z0-9\-_]{0,99}$")


def create(request: EksRequest) -> View:
    """CreateCluster: answers CREATING; ACTIVE once the control plane answers and AWS' wait is over."""
    backend, name, version = request.backend, request.get("name"), request.get("version", DEFAULT_VERSION)
    if not _NAME.match(name):
        raise InvalidParameter("The cluster name can contain only alphanumeric characters, hyphens and underscores")
    if name in backend.clusters:
        raise ResourceInUse(f"Cluster already exists with name: {name}")
    if version not in RELEASES:
        raise InvalidParameter("unsupported Kubernetes version")
    lookup.check_role(request.get("roleArn"), InvalidParameter)
    vpc_config = request.get("resourcesVpcConfig", {})
    subnet_ids = list(vpc_config.get("subnetIds") or [])
    group_ids = list(vpc_config.get("securityGroupIds") or [])
    encryption = encryption_of(request)
    place = network.enter(backend, name, subnet_ids, group_ids)
    access = request.get("accessConfig", {})
    view: View = {
        "name": name,
        "arn": backend.arn(f"cluster/{name}"),
        "createdAt": utcnow(),
        "version": version,
        "roleArn": request.get("roleArn"),
        "resourcesVpcConfig": {
            "subnetIds": subnet_ids,
            "securityGroupIds": group_ids,
            "clusterSecurityGroupId": place.security_group_id,
            "vpcId": place.vpc_id,
            "endpointPublicAccess": _given(vpc_config, "endpointPublicAccess", True),
            "endpointPrivateAccess": _given(vpc_config, "endpointPrivateAccess", False),
            "publicAccessCidrs": list(vpc_config.get("publicAccessCidrs") or ["0.0.0.0/0"]),
        },
        "kubernetesNetworkConfig": _network_config(request.get("kubernetesNetworkConfig", {})),
        "logging": cluster_logging.apply(set(), request.get("logging", {})),
        "identity": {"oidc": {"issuer": _issuer(backend.region_name)}},
        "status": "CREATING",
        "certificateAuthority": {},
        "clientRequestToken": request.get("clientRequestToken"),
        "platformVersion": f"eks.{RELEASES[version].platform}",
        "tags": dict(request.get("tags", {})),
        "encryptionConfig": encryption,
        "health": {"issues": []},
        "accessConfig": {"authenticationMode": access.get("authenticationMode") or "CONFIG_MAP"},
        "upgradePolicy": {"supportType": request.get("upgradePolicy", {}).get("supportType") or "EXTENDED"},
        "deletionProtection": bool(request.get("deletionProtection", False)),
    }
    if request.get("zonalShiftConfig"):
        view["zonalShiftConfig"] = dict(request.get("zonalShiftConfig"))
    cluster = Cluster(view=view, creator_arn=request.principal_arn)
    cluster.creator_is_admin = _given(access, "bootstrapClusterCreatorAdminPermissions", True)
    backend.clusters[name] = cluster
    if cluster.has_access_entries and cluster.creator_is_admin:
        access_entries.add_administrator(backend, cluster, request.principal_arn)
    service_linked_roles.ensure(backend.account_id, "eks.amazonaws.com")
    cluster_logging.keep(backend, view)
    _start(backend, cluster)
    return {"cluster": view}


def encryption_of(request: EksRequest) -> list[View]:
    """The given encryption; refused when its key cannot be used."""
    given = list(request.get("encryptionConfig", []))
    for item in given:
        key_arn = (item.get("provider") or {}).get("keyArn")
        if list(item.get("resources") or []) != ["secrets"]:
            raise InvalidParameter("Only secrets can be encrypted: resources must be [secrets]")
        if not key_arn or permits.find(key_arn) is None:
            raise InvalidParameter(f"The keyArn in encryptionConfig provider is not a key that can be used: {key_arn}")
    return given


def _start(backend: EksBackend, cluster: Cluster) -> None:
    running, view = runtime.current(), cluster.view

    def start() -> None:
        try:
            plane = running.control_planes.start(
                cluster.arn,
                cluster.name,
                cluster.version,
                backend.region_name,
                backend.account_id,
                view["resourcesVpcConfig"]["vpcId"],
            )
        except Exception as error:
            with running.lock:
                view["status"] = "FAILED"
                view["health"]["issues"].append({"code": "InternalFailure", "message": str(error)})
            raise
        with running.lock:
            if view["status"] == "CREATING":
                view["endpoint"] = plane.endpoint
                view["certificateAuthority"] = {"data": plane.certificate_authority_data}
                view["status"] = "ACTIVE"

    running.background(f"eks start {cluster.name}", start, running.wait_seconds("eks:cluster"))


def describe(request: EksRequest) -> View:
    """DescribeCluster."""
    return {"cluster": request.cluster().view}


def list_names(request: EksRequest) -> View:
    """ListClusters."""
    return request.page("clusters", sorted(request.backend.clusters))


def delete(request: EksRequest) -> View:
    """DeleteCluster: refused while node groups are left, and in the middle of a change."""
    backend, cluster, running = request.backend, request.cluster(), runtime.current()
    view = cluster.view
    if cluster.node_groups:
        raise ResourceInUse("Cluster has nodegroups attached")
    if view["deletionProtection"]:
        raise InvalidRequest("Cannot delete a cluster whose deletion protection is on")
    if view["status"] in ("CREATING", "UPDATING", "DELETING"):
        raise ResourceInUse(f"Cluster is not in a state to be deleted: {view['status']}")
    view["status"] = "DELETING"

    def stop() -> None:
        try:
            running.control_planes.stop(cluster.arn)
        except Exception as error:
            with running.lock:
                view["status"] = "FAILED"
                view["health"]["issues"].append({"code": "InternalFailure", "message": str(error)})
            raise
        with running.lock:
            config = view["resourcesVpcConfig"]
            place = network.ClusterNetwork(config["vpcId"], config["clusterSecurityGroupId"])
            network.leave(backend, cluster.name, place)
            backend.clusters.pop(cluster.name, None)

    running.run(f"eks stop {cluster.name}", stop, running.wait_seconds("eks:cluster-delete"))
    return {"cluster": view}


def _given(values: View, name: str, default: bool) -> bool:
    value = values.get(name)
    return default if value is None else bool(value)


def _issuer(region: str) -> str:
    return f"https://oidc.eks.{region}.amazonaws.com/id/{secrets.token_hex(16).upper()}"


def _network_config(given: View) -> View:
    balancing = given.get("elasticLoadBalancing") or {}
    return {
        "serviceIpv4Cidr": given.get("serviceIpv4Cidr") or "172.20.0.0/16",
        "ipFamily": given.get("ipFamily") or "ipv4",
        "elasticLoadBalancing": {"enabled": bool(balancing.get("enabled"))},
    }


OPERATIONS: dict[str, Operation] = {
    "CreateCluster": create,
    "DescribeCluster": describe,
    "ListClusters": list_names,
    "DeleteCluster": delete,
}
