"""What decides which resources there are. Everything else of a document travels as variables."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.infra_engine.stacks.aws.checks import UnusableValue
from services.infra_engine.stacks.aws.node_groups import UnusableGroup, resolve
from services.infra_engine.stacks.aws.subnets import ZONES
from services.infra_engine.stacks.definition import Shape
from services.infra_engine.stacks.stack_input import SYSTEM, StackInput


@dataclass(frozen=True)
class GroupShape:
    """A node group: `key` names it in the code; `block` is a capacity block, `zoned` means one zone alone."""

    key: str
    taints: int
    reserved: bool
    block: bool
    zoned: bool

    @property
    def label(self) -> str:
        """The last part of its address."""
        return "system_nodes" if self.key == SYSTEM else f"nodes_{self.key}"


@dataclass(frozen=True)
class StackShape:
    """The shape by its names.

    `zones` counts those of a VPC of our own, 0 in an existing one; `existing_subnets` counts the private subnets that
    the document names there (0: those of the existing cluster), and `existing_public_subnets` the public ones (0: those
    that are tagged for load balancers).
    """

    zones: int
    zones_given: bool
    nat_per_zone: bool
    existing_subnets: int
    existing_public_subnets: int
    flow_logs: bool
    own_key: bool
    existing_cluster: bool
    oidc_provider: bool
    node_access_entry: bool
    groups: tuple[GroupShape, ...]

    @property
    def has_system(self) -> bool:
        return any(one.key == SYSTEM for one in self.groups)


def shape_of(stack_input: StackInput) -> StackShape:
    """Raises a `ValueError` that says what in the input cannot be built."""
    network, cluster = stack_input.network, stack_input.cluster
    existing_cluster = cluster.existing_name is not None
    existing = existing_cluster or network.existing_vpc_id is not None
    subnets = len(network.existing_private_subnet_ids) if existing else 0
    if existing and not existing_cluster and subnets < 2:
        raise UnusableValue(
            "The existing VPC cannot be used without 2 or more private subnets:"
            " name them in network.existing_private_subnet_ids."
        )
    zones = 0 if existing else len(network.zone_ids) or network.zone_count
    if not existing and not ZONES[0] <= zones <= ZONES[1]:
        raise UnusableValue(f"{zones} zones cannot be used: give {ZONES[0]} to {ZONES[1]} of them.")
    return StackShape(
        zones=zones,
        zones_given=bool(network.zone_ids) and not existing,
        nat_per_zone=network.nat_per_zone and not existing,
        existing_subnets=subnets,
        existing_public_subnets=len(network.existing_public_subnet_ids) if existing else 0,
        flow_logs=network.flow_logs,
        own_key=stack_input.kms_key_arn is None,
        existing_cluster=existing_cluster,
        oidc_provider=cluster.create_oidc_provider or not existing_cluster,
        node_access_entry=existing_cluster and cluster.existing_access_entries,
        groups=_groups(stack_input, may_choose_zone=not existing_cluster or subnets > 0),
    )


def _groups(stack_input: StackInput, *, may_choose_zone: bool) -> tuple[GroupShape, ...]:
    found = []
    for group in resolve(stack_input):
        if group.zone_id is not None and not may_choose_zone:
            raise UnusableGroup(
                f"The node group {group.name!r} must be in its reservation's zone:"
                " name the cluster's private subnets in network.existing_private_subnet_ids."
            )
        found.append(
            GroupShape(
                key=group.key,
                taints=len(group.taints),
                reserved=group.capacity_reservation_id is not None,
                block=group.capacity_type == "CAPACITY_BLOCK",
                zoned=group.zone_id is not None,
            )
        )
    return tuple(found)


def to_shape(stack_input: StackInput) -> Shape:
    """The shape as JSON can say it."""
    return asdict(shape_of(stack_input))


def from_shape(shape: Shape) -> StackShape:
    """The shape by its names again, in the synthesis child and for milestones."""
    values: Mapping[str, Any] = shape
    return StackShape(**{**values, "groups": tuple(GroupShape(**one) for one in values["groups"])})
