"""Documents for property tests: whatever a customer may write, within the contract's limits."""

from hypothesis import strategies as st

from services.infra_engine.stacks.aws.gpu import INSTANCE_TYPES
from services.infra_engine.stacks.stack_input import (
    SYSTEM,
    CapacityType,
    Cluster,
    Network,
    NodeGroup,
    ObjectStore,
    Postgres,
    Redis,
    Size,
    StackInput,
    Taint,
)
from tests.integration.infra_engine.inputs import SMALL

RESERVATION = "cr-0123456789abcdef0"
ZONES = ("use1-az1", "use1-az2", "use1-az4")
_SIZES: st.SearchStrategy[Size] = st.sampled_from(["small", "medium", "large"])

_taints = st.lists(
    st.builds(
        Taint, st.sampled_from(["a", "b/c"]), st.sampled_from(["", "x"]), st.sampled_from(["NO_SCHEDULE", "NO_EXECUTE"])
    ),
    max_size=2,
).map(tuple)


@st.composite
def _group(draw: st.DrawFn, name: str) -> NodeGroup:
    gpu = draw(st.none() | st.sampled_from([one for one, sold in INSTANCE_TYPES.items() if sold]))
    sold: list[CapacityType] = ["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"]
    capacity = draw(st.sampled_from(sold if gpu else sold[:2]))
    reserved = capacity == "CAPACITY_BLOCK" or (capacity == "ON_DEMAND" and draw(st.booleans()))
    return NodeGroup(
        name,
        gpu_type=gpu,
        capacity_type=capacity,
        taints=draw(_taints),
        capacity_reservation_id=RESERVATION if reserved else None,
        labels=draw(st.dictionaries(st.sampled_from(["team", "x/y"]), st.sampled_from(["a", ""]), max_size=2)),
    )


@st.composite
def _networks(draw: st.DrawFn) -> Network:
    kind = draw(st.sampled_from(["picked", "named", "existing"]))
    days, logs = draw(st.sampled_from([1, 30, 3653])), draw(st.booleans())
    if kind == "existing":
        subnets = draw(st.integers(2, 6))
        return Network(
            existing_vpc_id="vpc-1",
            existing_private_subnet_ids=tuple(f"subnet-{index}" for index in range(subnets)),
            existing_public_subnet_ids=("subnet-9",) if draw(st.booleans()) else (),
            flow_logs=logs,
            log_retention_days=days,
        )
    zones = draw(st.integers(2, 3))
    return Network(
        cidr=draw(st.sampled_from(["10.0.0.0/16", "172.16.32.0/20"])),
        zone_count=zones,
        zone_ids=ZONES[:zones] if kind == "named" else (),
        nat_per_zone=draw(st.booleans()),
        flow_logs=logs,
        log_retention_days=days,
    )


@st.composite
def documents(draw: st.DrawFn) -> StackInput:
    """Any document that can be built."""
    network = draw(_networks())
    existing = network.existing_vpc_id is not None and draw(st.booleans())
    names = draw(st.lists(st.sampled_from(["gpu", "cpu", "a-b"]), unique=True, max_size=2))
    return StackInput(
        workspace=SMALL.workspace,
        environment="any-name-of-theirs",
        uid=SMALL.uid,
        account=SMALL.account,
        domain=SMALL.domain,
        network=network,
        cluster=Cluster(
            profile=draw(_SIZES),
            existing_name="theirs" if existing else None,
            create_oidc_provider=draw(st.booleans()),
            existing_access_entries=draw(st.booleans()),
            public_endpoint=draw(st.booleans()),
            system_nodes=NodeGroup(SYSTEM, taints=draw(_taints)),
            node_groups=tuple(draw(_group(name)) for name in names),
        ),
        postgres=Postgres(
            size=draw(_SIZES), multi_az=draw(st.booleans()), max_storage_gb=draw(st.none() | st.just(900))
        ),
        redis=Redis(size=draw(_SIZES), engine=draw(st.sampled_from(["valkey", "redis"])), ha=draw(st.booleans())),
        object_store=ObjectStore(versioning=draw(st.booleans())),
        permissions_boundary_arn=draw(st.none() | st.just("arn:aws:iam::123456789012:policy/Boundary")),
        kms_key_arn=draw(st.none() | st.just("arn:aws:kms:us-east-1:123456789012:key/1234abcd")),
        deletion_protection=draw(st.booleans()),
        reservation_zone_ids={RESERVATION: ZONES[0]},
    )
