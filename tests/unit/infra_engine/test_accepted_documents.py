"""What the registry accepts the engine can build from, but for a GPU that AWS does not sell so.

The rules are in two places, which may not fall apart.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.failures import Failure
from services.environment_registry.documents import check_document
from services.infra_engine.documents import stack_input
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.aws.gpu import UnusableGpu
from services.infra_engine.stacks.aws.node_groups import resolve
from services.infra_engine.stacks.aws.shape import to_shape
from services.infra_engine.stacks.aws.variables import stack_variables

ROLE = "arn:aws:iam::123456789012:role/Provisioner"
RESERVATION = "cr-0123456789abcdef0"
SETTINGS = EngineSettings.read({})
_SIZE = st.none() | st.integers(-1, 12)


def enum(choices: object) -> st.SearchStrategy[int]:
    return st.sampled_from(choices.values())  # type: ignore[attr-defined]


@st.composite
def groups(draw: st.DrawFn) -> pb.NodeGroupSpec:
    group = pb.NodeGroupSpec(
        name=draw(st.sampled_from(["a", "a-b", "ab", "gpus", "x" * 20, "b-1"])),
        capacity_type=draw(enum(pb.CapacityType)),
        gpu_type=draw(st.just(0) | enum(pb.GpuType)),
        capacity_reservation_id=draw(st.sampled_from(["", RESERVATION])),
    )
    for name in ("min_size", "max_size", "desired_size"):
        if (size := draw(_SIZE)) is not None:
            setattr(group, name, size)
    if (count := draw(st.none() | st.sampled_from([1, 2, 4, 8]))) is not None:
        group.gpu_count = count
    group.instance_types.extend(draw(st.lists(st.sampled_from(["m7i.large", "p5.48xlarge"]), max_size=2, unique=True)))
    return group


@st.composite
def documents(draw: st.DrawFn) -> pb.EnvironmentSpec:
    spec = pb.EnvironmentSpec(beta9=pb.Beta9Spec(domain="b9.example.com"))
    spec.cloud.CopyFrom(
        pb.CloudSpec(provider=pb.PROVIDER_AWS, region="us-east-1", account_id="123456789012", role_arn=ROLE)
    )
    cluster, network = spec.cluster, spec.network
    cluster.profile = draw(enum(pb.Profile))
    where = draw(st.sampled_from(["own", "vpc", "cluster"]))
    if where == "cluster":
        cluster.use_existing, cluster.existing_cluster_name = True, "mine"
    if where == "vpc":
        network.existing_vpc_id = "vpc-01234567"
    if where == "vpc" or (where == "cluster" and draw(st.booleans())):
        network.existing_private_subnet_ids.extend(["subnet-01234567", "subnet-12345678"])
    if where == "own":
        network.zone_ids.extend(
            draw(st.sampled_from([[], ["use1-az1", "use1-az2"], ["use1-az6", "use1-az2", "use1-az1"]]))
        )
        if draw(st.booleans()):
            network.zone_count = draw(st.integers(1, 4))
        network.nat = draw(enum(pb.NatMode))
        for name in ("min_size", "max_size", "desired_size"):
            if (size := draw(_SIZE)) is not None:
                setattr(cluster.system_nodes, name, size)
    cluster.node_groups.extend(draw(st.lists(groups(), max_size=3)))
    workers = spec.beta9.workers
    workers.gpu_enabled = draw(st.booleans())
    if workers.gpu_enabled:
        workers.gpu_type = draw(enum(pb.GpuType))
    spec.data.redis.engine = draw(enum(pb.CacheEngine))
    if (version := draw(st.sampled_from([None, "7.0", "7.1", "7.2", "8.0"]))) is not None:
        spec.data.redis.version = version
    spec.data.postgres.size = draw(enum(pb.Size))
    return spec


SEEN: dict[str, int] = {"accepted": 0, "refused": 0}


@settings(max_examples=500, deadline=None)
@given(documents())
def test_what_is_accepted_can_be_read(spec: pb.EnvironmentSpec) -> None:
    try:
        check_document(spec, issued_external_id="")
    except Failure:
        SEEN["refused"] += 1
        return
    SEEN["accepted"] += 1
    built = stack_input(spec, workspace="w", environment="e", uid="e1", external_id="", settings=SETTINGS)
    # The zone of a reservation is AWS's to tell, before anything is built.
    named = bool(built.network.existing_private_subnet_ids) or built.cluster.existing_name is None
    zones = {RESERVATION: "use1-az1"} if named else {}
    built = type(built)(**{**vars(built), "reservation_zone_ids": zones})
    blocks = [one for one in built.cluster.node_groups if one.capacity_type == "CAPACITY_BLOCK"]
    if blocks and not named:
        return
    try:
        found = resolve(built)
    except UnusableGpu:
        return
    assert len({one.key for one in found}) == len(found)
    assert to_shape(built)
    assert stack_variables(built)


def test_the_documents_above_are_of_both_kinds() -> None:
    test_what_is_accepted_can_be_read()
    assert SEEN["accepted"] > 50 and SEEN["refused"] > 50
