"""Changes of a cluster: each is answered as an update that can be described."""

from __future__ import annotations

from libs.sandbox.aws import runtime
from libs.sandbox.aws.eks import access_entries, cluster_logging, network
from libs.sandbox.aws.eks.clusters import encryption_of
from libs.sandbox.aws.eks.failures import InvalidParameter, ResourceInUse, ResourceNotFound
from libs.sandbox.aws.eks.models import Cluster, View, add_update
from libs.sandbox.aws.eks.releases import RELEASES
from libs.sandbox.aws.eks.requests import EksRequest, Operation

_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")


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
        if changed == config:
            raise InvalidParameter("Cluster is already at the desired configuration with the given VPC config")
        view["resourcesVpcConfig"] = changed
        return {"update": _update(cluster, kind, dict(given))}
    if (given := request.get("logging")) is not None:
        changed = cluster_logging.apply(cluster_logging.enabled(view), given)
        if changed == view["logging"]:
            raise InvalidParameter("No changes needed for the logging config provided")
        view["logging"] = changed
        cluster_logging.keep(request.backend, view)
        return {"update": _update(cluster, "LoggingUpdate", {"ClusterLogging": given})}
    if (given := request.get("accessConfig")) is not None:
        _open_access(request, given["authenticationMode"])
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
    behind = [name for name, group in cluster.node_groups.items() if group["version"] != cluster.version]
    if behind:
        raise InvalidParameter(
            f"Nodegroups {', '.join(sorted(behind))} must be updated to match cluster version {cluster.version} "
            "before updating cluster version"
        )
    cluster.view["version"] = wanted
    cluster.view["platformVersion"] = f"eks.{RELEASES[wanted].platform}"
    return {"update": _update(cluster, "VersionUpdate", {"Version": wanted})}


def associate_encryption(request: EksRequest) -> View:
    """AssociateEncryptionConfig: once, and never taken back."""
    cluster = request.cluster()
    if cluster.view["encryptionConfig"]:
        raise InvalidParameter("Encryption is already enabled for the cluster")
    cluster.view["encryptionConfig"] = encryption_of(request)
    parameters = {"EncryptionConfig": cluster.view["encryptionConfig"]}
    return {"update": _update(cluster, "AssociateEncryptionConfig", parameters)}


def describe_update(request: EksRequest) -> View:
    """DescribeUpdate, of a cluster, a node group or an add-on."""
    cluster, update_id = request.cluster(), request.get("updateId")
    if cluster.update_targets.get(update_id) != _target(request):
        raise ResourceNotFound(f"No update found for ID: {update_id}")
    return {"update": cluster.updates[update_id]}


def list_updates(request: EksRequest) -> View:
    """ListUpdates, of the cluster itself or of the node group or add-on that is named."""
    wanted = _target(request)
    return request.page("updateIds", [key for key, of in request.cluster().update_targets.items() if of == wanted])


def _target(request: EksRequest) -> str:
    for parameter, kind in (("nodegroupName", "nodegroup"), ("addonName", "addon")):
        if name := request.get(parameter):
            return f"{kind}/{name}"
    return ""


def _open_access(request: EksRequest, mode: str) -> None:
    """Another authentication mode: only towards access entries, which are then made for creator and nodes."""
    cluster = request.cluster()
    before = cluster.view["accessConfig"]["authenticationMode"]
    if mode not in _MODES or _MODES.index(mode) != _MODES.index(before) + 1:
        raise InvalidParameter(f"Unsupported authentication mode update from {before} to {mode}")
    cluster.view["accessConfig"] = {"authenticationMode": mode}
    if before == "CONFIG_MAP":
        if cluster.creator_is_admin:
            access_entries.add_administrator(request.backend, cluster, cluster.creator_arn)
        for group in cluster.node_groups.values():
            access_entries.add_for_nodes(request.backend, cluster, group["nodeRole"])


def _update(cluster: Cluster, kind: str, parameters: View) -> View:
    update = add_update(cluster, kind, parameters)
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
