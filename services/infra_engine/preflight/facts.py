"""What AWS said about the account: plain values, so that every check can be tried without AWS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A fact that could not be had: the role lacks `action`, or AWS answered `code`."""

    action: str
    code: str
    denied: bool = True


@dataclass(frozen=True, slots=True)
class Zone:
    """An availability zone; `usable` without an opt-in and available now."""

    name: str
    id: str
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Reservation:
    """A capacity reservation or block. `free` is how many instances of it run nothing."""

    id: str
    state: str
    instance_type: str
    zone_id: str
    total: int
    free: int
    kind: str = "default"
    """`default`, or `capacity-block`."""
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What others than the environment itself use in the region.

    `vcpus` by quota code; `nat_gateways` by zone name.
    """

    vcpus: Mapping[str, int] = field(default_factory=dict)
    addresses: int = 0
    nat_gateways: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC. `ours`: the environment's own. `peers` are VPCs and transit gateways that it has routes to."""

    id: str
    cidrs: tuple[IPv4Network, ...]
    ours: bool = False
    default: bool = False
    dns: bool = True
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; `default_route` is the target's id of its route to 0.0.0.0/0, None without one."""

    id: str
    vpc_id: str
    zone_id: str
    free_addresses: int
    default_route: str | None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExistingCluster:
    """The customer's own EKS cluster. `access` is None when its entries cannot tell (CONFIG_MAP)."""

    name: str
    status: str
    version: str
    vpc_id: str
    subnet_ids: tuple[str, ...]
    issuer: str | None
    authentication_mode: str
    access: bool | None
    ebs_csi_driver: str | None
    """Status of the add-on, None without it."""
    endpoint: str
    public_endpoint: bool
    reachable: bool
    security_group_id: str = ""
    """The one that EKS made for the control plane and its managed nodes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A name that something has: `ours` when it carries the environment's own tag; `elsewhere` in another account."""

    kind: str
    name: str
    ours: bool
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a kind others than the environment itself have in the region, or in its cluster."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key; `principals` of those that AWS services need are not all in its policy when any is `missing`."""

    arn: str
    state: str
    usage: str
    spec: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseOffer:
    """Where RDS sells a class for a major version: names of zones, and whether with a standby."""

    zones: frozenset[str]
    multi_az: bool


@dataclass(frozen=True)
class Facts:
    """Everything that the checks judge by. A fact that nothing asks for keeps its default."""

    region_opt_in: str | Unreadable = "opt-in-not-required"
    """As EC2 has it; empty for a region that it does not know."""
    zones: tuple[Zone, ...] | Unreadable = ()
    offers: Mapping[str, frozenset[str]] | Unreadable = field(default_factory=dict)
    """Zone ids by instance type."""
    vcpus: Mapping[str, int] | Unreadable = field(default_factory=dict)
    """By instance type."""
    database: DatabaseOffer | Unreadable | None = None
    snapshots: tuple[str, ...] | Unreadable = ()
    """Names of the snapshots that were ever made of the environment's database and are kept."""
    reservations: Mapping[str, Reservation] | Unreadable = field(default_factory=dict)
    quotas: Mapping[str, float] | Unreadable = field(default_factory=dict)
    """By quota code."""
    usage: Usage | Unreadable = Usage()
    vpcs: tuple[Vpc, ...] | Unreadable = ()
    subnets: Mapping[str, Subnet] | Unreadable = field(default_factory=dict)
    taken: tuple[Taken | Unreadable, ...] = ()
    """Each kind of name is looked up on its own."""
    counted: tuple[Counted | Unreadable, ...] = ()
    """Each kind on its own too."""
    cache_type: bool | Unreadable = True
    """Whether ElastiCache sells reservations of the cache's node type in the region."""
    kubernetes: Mapping[str, str] | Unreadable = field(default_factory=dict)
    """EKS's support by version: STANDARD_SUPPORT, EXTENDED_SUPPORT, UNSUPPORTED."""
    cluster: ExistingCluster | Unreadable | None = None
    """None: there is none of that name."""
    control_plane: str | Unreadable | None = None
    """The Kubernetes version of the environment's own cluster; None: there is none."""
    neighbours: tuple[str, ...] | Unreadable = ()
    """The uids of other environments whose stores admit the existing cluster."""
    denied: tuple[str, ...] | Unreadable = ()
    """Actions that a simulation of the role's policies denies."""
    key: Key | Unreadable | None = None
    """None: there is no such key."""
    state_key: Key | Unreadable | None = None
    """The same of a key for the state alone."""
    boundary: bool | Unreadable = True
    """Whether the permissions boundary exists."""
    oidc_providers: Mapping[str, str] | Unreadable = field(default_factory=dict)
    """By issuer, without `https://`, of IAM's providers that are not the environment's own: the uid of the environment
    that made it, empty where none did."""
