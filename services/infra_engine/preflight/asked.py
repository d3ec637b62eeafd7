"""What a document asks AWS for, in AWS's own numbers, with the path of the field that asks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.infra_engine.preflight.facts import Reservation
from services.infra_engine.preflight.findings import Finding
from services.infra_engine.stacks.aws.gpu import UnusableGpu
from services.infra_engine.stacks.aws.names import IllegalBucketPrefix, resource_names
from services.infra_engine.stacks.aws.node_groups import ResolvedGroup, UnusableGroup, resolve
from services.infra_engine.stacks.aws.profiles import CACHES, DATABASES
from services.infra_engine.stacks.stack_input import NodeGroup, StackInput

GPU_GROUP = "gpu"


@dataclass(frozen=True)
class AskedGroup:
    """A node group and the path of what describes it."""

    field: str
    group: ResolvedGroup


@dataclass(frozen=True)
class Asked:
    """A document as the checks read it."""

    stack_input: StackInput
    groups: tuple[AskedGroup, ...]
    names: Mapping[str, str]
    unusable: tuple[Finding, ...] = ()
    """What could not be made sense of, without asking AWS."""

    @property
    def makes_network(self) -> bool:
        return self.stack_input.network.existing_vpc_id is None and self.stack_input.cluster.existing_name is None

    @property
    def database_class(self) -> str:
        postgres = self.stack_input.postgres
        return postgres.instance_class or DATABASES[postgres.size].instance_class

    @property
    def cache_type(self) -> str:
        redis = self.stack_input.redis
        return redis.node_type or CACHES[redis.size]

    @property
    def cache_nodes(self) -> int:
        return 1 + self.stack_input.redis.replicas


def asked(stack_input: StackInput, reservations: Mapping[str, Reservation]) -> Asked:
    """Each group on its own, so that one that is unusable hides no other."""
    known = {one.id: one.zone_id for one in reservations.values()}
    cluster, found, unusable = stack_input.cluster, list[AskedGroup](), list[Finding]()
    if cluster.existing_name is None:
        _add("cluster.system_nodes", replace(stack_input, cluster=replace(cluster, node_groups=())), 0, found, unusable)
    for path, one in group_paths(stack_input):
        # A block that is not there is told by the reservations' check.
        zones = {**known, one.capacity_reservation_id or "": known.get(one.capacity_reservation_id or "", "")}
        alone = replace(
            stack_input,
            cluster=replace(cluster, existing_name=cluster.existing_name or "none", node_groups=(one,)),
            reservation_zone_ids=zones,
        )
        _add(path, alone, 0, found, unusable)
    return Asked(stack_input, tuple(found), _names(stack_input, unusable), tuple(unusable))


def group_paths(stack_input: StackInput) -> list[tuple[str, NodeGroup]]:
    """The document's groups beside the system's, each with its path: GPU workers are described elsewhere."""
    groups = stack_input.cluster.node_groups
    return [
        ("beta9.workers" if one.name == GPU_GROUP else f"cluster.node_groups[{index}]", one)
        for index, one in enumerate(groups)
    ]


def settled_fields(present: Asked, wished: Asked) -> frozenset[str]:
    """Paths of what is built as it is wished."""
    built = {one.group.name: one.group for one in present.groups}
    fields = {one.field for one in wished.groups if built.get(one.group.name) == one.group}
    if (present.database_class, present.stack_input.postgres.version) == (
        wished.database_class,
        wished.stack_input.postgres.version,
    ):
        fields |= {"data.postgres.instance_class", "data.postgres.size"}
    if present.names["final_snapshot"] == wished.names["final_snapshot"]:
        fields.add("data.postgres.final_snapshot")
    if present.cache_type == wished.cache_type:
        fields.add("data.redis")
    if present.stack_input.cluster.version == wished.stack_input.cluster.version:
        fields.add("cluster.version")
    if present.stack_input.cluster.existing_name == wished.stack_input.cluster.existing_name:
        fields.add("cluster.existing_cluster_name")
    return frozenset(fields)


def _add(path: str, alone: StackInput, place: int, found: list[AskedGroup], unusable: list[Finding]) -> None:
    try:
        found.append(AskedGroup(path, resolve(alone)[place]))
    except UnusableGpu as error:
        field = f"{path}.gpu_type"
        unusable.append(_unusable("GPU_NOT_SOLD", field, str(error)))
    except UnusableGroup as error:
        unusable.append(_unusable("NODE_GROUP_UNUSABLE", path, str(error)))


def _names(stack_input: StackInput, unusable: list[Finding]) -> Mapping[str, str]:
    try:
        return resource_names(stack_input)
    except IllegalBucketPrefix as error:
        unusable.append(_unusable("BUCKET_PREFIX_ILLEGAL", "data.object_store.bucket_prefix", str(error)))
        plain = replace(stack_input.object_store, bucket_prefix="beta9")
        return resource_names(replace(stack_input, object_store=plain))


def _unusable(reason: str, field: str, text: str) -> Finding:
    """The stack's own sentences are `what it is: what to do`."""
    message, mark, remedy = text.partition(";")
    if not mark:
        message, _, remedy = text.partition(":")
    return Finding(
        reason, field, message.strip().rstrip(".") + ".", remedy.strip() or "Change this part of the document."
    )
