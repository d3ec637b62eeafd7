"""Changes of a cluster: each is answered as an update that can be described."""

from __future__ import annotations

from libs.sandbox.aws import runtime
from libs.sandbox.aws.eks import cluster_logging, network
from libs.sandbox.aws.eks.failures import InvalidParameter, ResourceInUse
from libs.sandbox.aws.eks.models import Cluster, View, add_update
from libs.sandbox.aws.eks.releases import RELEASES
from libs.sandbox.aws.eks.requests import EksRequest, Operation


def update_config(request: EksRequest) -> View:
    """UpdateClusterConfig: one kind of change a call, answered as an `update`."""
    cluster = request.cluster()
    _must_be_active(cluster)
    view = cluster.view
    if (given := request.get("resourcesVpcConfig")) is not None:
        kind, config = "EndpointAccessUpdate", view["resourcesVpcConfig"]
        changed = config | {key: value for key, value in given.items() if value is not None}
        if given.get("subnetIds") or given.get("securityGroupIds"):
            kind = "VpcConfigUpdate"
            groups = [config["clusterSecurityGroupId"], *changed["securityGroupIds"]]
            network.move(request.backend, cluster.name, changed["subnetIds"], groups)
        view["resourcesVpcConfig"] = changed
        return {"update": _update(cluster, kind, dict(given))}
    if (given := request.get("logging")) is not None:
        view["logging"] = cluster_logging.apply(cluster_logging.enabled(view), given)
        return {"update": _update(cluster, "LoggingUpdate", {"ClusterLogging": given})}
    if (given := request.get("accessConfig")) is not None:
        view["accessConfig"] = {"authenticationMode": given["authenticationMode"]}
        parameters = {"AuthenticationMode": given["authenticationMode"]}
        return {"update": _update(cluster, "AccessConfigUpdate", parameters)}
    for name, kind in (("upgradePolicy", "UpgradePolicyUpdate"), ("zonalShiftConfig", "ZonalShiftConfigUpdate")):
        if (given := request.get(name)) is not None:
            view[name] = dict(given)
            return {"update": _update(cluster, kind, {name[0].upper() + name[1:]: given})}
    if (protection := request.get("deletionProtection")) is not None:
        view["deletionProtection"] = protection
        return {"update": _update(cluster, "DeletionProtectionUpdate", {"DeletionProtection": protection})}
    raise InvalidParameter("No changes needed for the cluster: name what to change")


def update_version(request: EksRequest) -> View:
    """UpdateClusterVersion: one minor version up, never down."""
    cluster, wanted = request.cluster(), request.get("version")
    _must_be_active(cluster)
    if wanted not in RELEASES:
        raise InvalidParameter("unsupported Kubernetes version")
    steps = int(wanted.split(".")[1]) - int(cluster.version.split(".")[1])
    if steps != 1:
        raise InvalidParameter(f"Unsupported Kubernetes minor version update from {cluster.version} to {wanted}")
    cluster.view["version"] = wanted
    cluster.view["platformVersion"] = f"eks.{RELEASES[wanted].platform}"
    return {"update": _update(cluster, "VersionUpdate", {"Version": wanted})}


def associate_encryption(request: EksRequest) -> View:
    """AssociateEncryptionConfig: once, and never taken back."""
    cluster = request.cluster()
    if cluster.view["encryptionConfig"]:
        raise InvalidParameter("Encryption is already enabled for the cluster")
    cluster.view["encryptionConfig"] = list(request.get("encryptionConfig"))
    parameters = {"EncryptionConfig": cluster.view["encryptionConfig"]}
    return {"update": _update(cluster, "AssociateEncryptionConfig", parameters)}


def describe_update(request: EksRequest) -> View:
    """DescribeUpdate, of a cluster, a node group or an add-on."""
    cluster, update_id = request.cluster(), request.get("updateId")
    if update_id not in cluster.updates:
        raise InvalidParameter(f"No update found for ID: {update_id}")
    return {"update": cluster.updates[update_id]}


def list_updates(request: EksRequest) -> View:
    """ListUpdates."""
    return request.page("updateIds", list(request.cluster().updates))


def _update(cluster: Cluster, kind: str, parameters: View) -> View:
    update = add_update(cluster, kind, parameters, status="InProgress")
    cluster.view["status"] = "UPDATING"

    def finish() -> None:
        update["status"] = "Successful"
        if cluster.view["status"] == "UPDATING":
            cluster.view["status"] = "ACTIVE"

    runtime.current().later("eks:cluster-update", f"eks update {cluster.name}", finish)
    return update


def _must_be_active(cluster: Cluster) -> None:
    if cluster.view["status"] != "ACTIVE":
        raise ResourceInUse(f"Cluster is not ACTIVE: {cluster.view['status']}")


OPERATIONS: dict[str, Operation] = {
    "UpdateClusterConfig": update_config,
    "UpdateClusterVersion": update_version,
    "AssociateEncryptionConfig": associate_encryption,
    "DescribeUpdate": describe_update,
    "ListUpdates": list_updates,
}
