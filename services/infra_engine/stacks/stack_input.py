"""What a stack is built from: an environment's document and where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Size = Literal["small", "medium", "large"]
CapacityType = Literal["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"]
TaintEffect = Literal["NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE"]

_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class AwsAccount:
    """The customer's account, and the role by which we act in it."""

    account_id: str
    region: str
    role_arn: str
    external_id: str | None = None


@dataclass(frozen=True)
class Network:
    """The VPC. With `existing_vpc_id` nothing of it is made, and `cidr`, zones and NAT say nothing.

    `zone_ids` empty: as many of the region's as `zone_count` says. Retention in days.
    """

    cidr: str = "10.0.0.0/16"
    zone_count: int = 2
    zone_ids: tuple[str, ...] = ()
    nat_per_zone: bool = False
    existing_vpc_id: str | None = None
    existing_private_subnet_ids: tuple[str, ...] = ()
    existing_public_subnet_ids: tuple[str, ...] = ()
    flow_logs: bool = True
    log_retention_days: int = 30


@dataclass(frozen=True)
class Taint:
    """A Kubernetes taint; the effect in EKS's own words."""

    key: str
    value: str
    effect: TaintEffect


@dataclass(frozen=True)
class NodeGroup:
    """A managed node group as the document has it; what is None comes from the profile or from the GPU.

    `gpu_type` is Beta9's own name, such as "A100-80"; `gpu_count` is how many a node has. Disk in GiB.
    """

    name: str
    instance_types: tuple[str, ...] = ()
    min_size: int | None = None
    max_size: int | None = None
    desired_size: int | None = None
    disk_gb: int | None = None
    capacity_type: CapacityType = "ON_DEMAND"
    labels: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    taints: tuple[Taint, ...] = ()
    capacity_reservation_id: str | None = None
    gpu_type: str | None = None
    gpu_count: int | None = None


SYSTEM = "system"
"""The name of the group that runs Beta9 itself."""


@dataclass(frozen=True)
class Cluster:
    """EKS and its nodes. `version` None is the platform's default, and what a cluster has that is there already.

    With `existing_name` no control plane and no system nodes are made, and the network is that cluster's;
    `create_oidc_provider` is false there if the account already has an IAM provider for its issuer that is not the
    environment's own, and `existing_access_entries` true if its authentication mode takes access entries.
    `system_nodes` carries `node_labels` and `node_taints` of the document as its own; GPU workers are one of
    `node_groups`, named "gpu".
    """

    profile: Size = "small"
    version: str | None = None
    existing_name: str | None = None
    create_oidc_provider: bool = True
    existing_access_entries: bool = False
    support: Literal["STANDARD", "EXTENDED"] = "EXTENDED"
    public_endpoint: bool = True
    public_access_cidrs: tuple[str, ...] = ("0.0.0.0/0",)
    system_nodes: NodeGroup = NodeGroup(SYSTEM)
    node_groups: tuple[NodeGroup, ...] = ()


@dataclass(frozen=True)
class Postgres:
    """`storage_gb` and `instance_class` None are the size's default; a higher `password_version` is a new password."""

    size: Size = "small"
    instance_class: str | None = None
    version: str = "17"
    multi_az: bool = True
    backup_retention_days: int = 7
    storage_gb: int | None = None
    max_storage_gb: int | None = None
    backup_window: str | None = None
    maintenance_window: str | None = None
    password_version: int = 1
    keep_final_snapshot: bool = True


@dataclass(frozen=True)
class Redis:
    """`num_replicas` None is one replica with `ha`, none without; `version` None is the engine's default."""

    size: Size = "small"
    node_type: str | None = None
    engine: Literal["valkey", "redis"] = "valkey"
    version: str | None = None
    ha: bool = True
    num_replicas: int | None = None
    snapshot_retention_days: int = 1
    snapshot_window: str | None = None
    maintenance_window: str | None = None

    @property
    def replicas(self) -> int:
        """How many nodes there are beside the primary."""
        return self.num_replicas if self.num_replicas is not None else int(self.ha)


@dataclass(frozen=True)
class ObjectStore:
    """`lifecycle_days` is how long an overwritten or deleted object's old version stays; live ones never expire."""

    bucket_prefix: str = "beta9"
    versioning: bool = True
    lifecycle_days: int = 90


@dataclass(frozen=True)
class State:
    """Where the stack's state is kept: `bucket` None is the one of all environments of the account and region.

    `kms_key_arn` is the state's own key, where it has another than the environment; `lock_table` a DynamoDB table.
    """

    bucket: str | None = None
    in_s3: bool = True
    kms_key_arn: str | None = None
    lock_table: str | None = None


@dataclass(frozen=True)
class AwsCalls:
    """How the provider talks to AWS; endpoints come from AWS_ENDPOINT_URL alone."""

    s3_path_style: bool = False
    max_retries: int = 25


@dataclass(frozen=True)
class StackInput:
    """Everything that a stack may depend on. Its strings travel as Terraform variables, never as code.

    `reservation_zone_ids` has, by the id of a capacity reservation, the zone id that it is in: AWS tells, not the
    document. A group whose reservation is not among them is spread over all zones; a capacity block must be.
    """

    workspace: str
    environment: str
    uid: str
    account: AwsAccount
    domain: str
    network: Network = Network()
    cluster: Cluster = Cluster()
    postgres: Postgres = Postgres()
    redis: Redis = Redis()
    object_store: ObjectStore = ObjectStore()
    tags: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    permissions_boundary_arn: str | None = None
    kms_key_arn: str | None = None
    deletion_protection: bool = False
    reservation_zone_ids: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    aws_calls: AwsCalls = AwsCalls()
    state: State = State()
    stack: str = "beta9"
    """The registered stack to build."""
