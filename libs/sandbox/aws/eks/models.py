"""The state of EKS in one account and region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.core.utils import utcnow

from libs.sandbox.aws.eks.failures import ResourceNotFound

View = dict[str, Any]
"""A resource as the API describes it."""


@dataclass
class Cluster:
    """A cluster with everything that goes with it when it is deleted."""

    view: View
    creator_arn: str
    """The principal that called CreateCluster."""
    node_groups: dict[str, View] = field(default_factory=dict)
    addons: dict[str, View] = field(default_factory=dict)
    access_entries: dict[str, View] = field(default_factory=dict)
    access_policies: dict[str, dict[str, View]] = field(default_factory=dict)
    """Associated policies by principal, then by policy ARN."""
    bound_role_ids: dict[str, str] = field(default_factory=dict)
    """Unique ids of the roles that access entries were made for, by principal."""
    pod_identities: dict[str, View] = field(default_factory=dict)
    updates: dict[str, View] = field(default_factory=dict)
    update_targets: dict[str, str] = field(default_factory=dict)
    """What an update is of, by its id: `nodegroup/<name>`, `addon/<name>`, or the cluster itself (empty)."""
    creator_is_admin: bool = True

    @property
    def name(self) -> str:
        return str(self.view["name"])

    @property
    def arn(self) -> str:
        return str(self.view["arn"])

    @property
    def version(self) -> str:
        return str(self.view["version"])

    @property
    def subnet_ids(self) -> list[str]:
        return list(self.view["resourcesVpcConfig"]["subnetIds"])

    @property
    def has_access_entries(self) -> bool:
        """Whether access entries count (CONFIG_MAP alone knows none)."""
        return bool(self.view["accessConfig"]["authenticationMode"] != "CONFIG_MAP")


class EksBackend(BaseBackend, TaggableResourcesMixin):
    """Clusters by name. Every change happens under the sandbox's lock."""

    SERVICE_NAMESPACE = "eks"

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.clusters: dict[str, Cluster] = {}

    def arn(self, path: str) -> str:
        """ARN of an EKS resource such as `cluster/name`."""
        return f"arn:{self.partition}:eks:{self.region_name}:{self.account_id}:{path}"

    def cluster(self, name: str) -> Cluster:
        """The cluster, or ResourceNotFoundException."""
        if name not in self.clusters:
            raise ResourceNotFound(f"No cluster found for name: {name}.")
        return self.clusters[name]

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """What GetResources of the tagging API finds."""
        for arn, view in self.tagged().items():
            yield TaggedResource(arn, dict(view["tags"]), f"eks:{arn.split(':')[5].split('/')[0]}")

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """TagResources of the tagging API."""
        self.tagged()[arn]["tags"].update(tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """UntagResources of the tagging API."""
        for key in tag_keys:
            self.tagged()[arn]["tags"].pop(key, None)

    def tagged(self) -> dict[str, View]:
        """Every view that carries tags, by ARN."""
        found: dict[str, View] = {}
        for cluster in self.clusters.values():
            found[cluster.arn] = cluster.view
            found.update((view["nodegroupArn"], view) for view in cluster.node_groups.values())
            found.update((view["addonArn"], view) for view in cluster.addons.values())
            found.update((view["accessEntryArn"], view) for view in cluster.access_entries.values())
            found.update((view["associationArn"], view) for view in cluster.pod_identities.values())
        return found


def add_update(cluster: Cluster, kind: str, parameters: View, target: str = "") -> View:
    """Record an update in progress, with its details by name, of the cluster or of a `target` in it."""
    update = {
        "id": str(uuid4()),
        "status": "InProgress",
        "type": kind,
        "params": [{"type": name, "value": str(value)} for name, value in parameters.items()],
        "createdAt": utcnow(),
        "errors": [],
    }
    cluster.updates[str(update["id"])] = update
    cluster.update_targets[str(update["id"])] = target
    return update


eks_backends: BackendDict[EksBackend] = BackendDict(EksBackend, "eks")


def find_cluster(arn: str) -> Cluster | None:
    """The cluster of an ARN in any account and region."""
    for _, _, backend in list(eks_backends.iter_backends()):
        for cluster in list(backend.clusters.values()):  # type: ignore[attr-defined]
            if cluster.arn == arn:
                return cluster  # type: ignore[no-any-return]
    return None
