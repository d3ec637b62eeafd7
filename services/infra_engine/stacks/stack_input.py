"""What a stack is built from: an environment's document and where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Size = Literal["small", "medium", "large"]

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
    """The address space of the VPC. A /16 is what the stack's subnets are cut from."""

    cidr: str = "10.0.0.0/16"


@dataclass(frozen=True)
class Cluster:
    """EKS and its nodes. `version` None is the platform's default."""

    profile: Size = "small"
    version: str | None = None
    node_labels: Mapping[str, str] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True)
class Postgres:
    """`storage_gb` None is the size's default. `password_version` is raised to rotate the password."""

    size: Size = "small"
    multi_az: bool = True
    backup_retention_days: int = 7
    storage_gb: int | None = None
    password_version: int = 1
    keep_final_snapshot: bool = True


@dataclass(frozen=True)
class Redis:
    """`num_replicas` None is one replica with `ha`, none without."""

    size: Size = "small"
    ha: bool = True
    num_replicas: int | None = None


@dataclass(frozen=True)
class ObjectStore:
    """`lifecycle_days` is how long an overwritten or deleted object's old version stays; live ones never expire."""

    bucket_prefix: str = "beta9"
    versioning: bool = True
    lifecycle_days: int = 90


@dataclass(frozen=True)
class AwsCalls:
    """How the provider talks to AWS; endpoints come from AWS_ENDPOINT_URL alone."""

    s3_path_style: bool = False
    max_retries: int = 25


@dataclass(frozen=True)
class StackInput:
    """Everything that a stack may depend on. Its strings travel as Terraform variables, never as code."""

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
    aws_calls: AwsCalls = AwsCalls()
    stack: str = "beta9"
    """The registered stack to build."""
