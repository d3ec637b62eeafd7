"""Inputs of stacks for tests."""

from dataclasses import replace

from services.infra_engine.stacks.definition import BUILT_IN, StackRegistry
from services.infra_engine.stacks.stack_input import (
    SYSTEM,
    AwsAccount,
    Cluster,
    Network,
    NodeGroup,
    ObjectStore,
    Postgres,
    Redis,
    StackInput,
    Taint,
)

SMALL = StackInput(
    workspace="acme",
    environment="production",
    uid="3f2b8a50-7d1c-4f0e-9a39-c1d9a0b7e001",
    account=AwsAccount("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/Beta9Provisioner", "external"),
    domain="beta9.acme.example",
)

PRODUCTION = replace(
    SMALL,
    network=Network(zone_count=3, nat_per_zone=True, log_retention_days=365),
    cluster=Cluster(
        profile="large",
        public_access_cidrs=("203.0.113.0/24",),
        system_nodes=NodeGroup(SYSTEM, labels={"team": "ml"}, taints=(Taint("dedicated", "beta9", "NO_SCHEDULE"),)),
        node_groups=(
            NodeGroup("gpu", min_size=1, max_size=4, gpu_type="A10G"),
            NodeGroup("cpu-spot", instance_types=("m6i.xlarge", "m5.xlarge"), capacity_type="SPOT"),
            NodeGroup(
                "h100", capacity_type="CAPACITY_BLOCK", capacity_reservation_id="cr-0123456789abcdef0",
                gpu_type="H100", gpu_count=8, max_size=2,
            ),
        ),
    ),
    postgres=Postgres(
        size="large", max_storage_gb=2000, backup_retention_days=35, backup_window="03:00-04:00",
        maintenance_window="sun:05:00-sun:06:00",
    ),
    redis=Redis(size="large", num_replicas=2, snapshot_retention_days=7, snapshot_window="03:00-04:00"),
    object_store=ObjectStore(bucket_prefix="acme", lifecycle_days=30),
    tags={"CostCenter": "42"},
    permissions_boundary_arn="arn:aws:iam::123456789012:policy/Boundary",
    deletion_protection=True,
    reservation_zone_ids={"cr-0123456789abcdef0": "use1-az1"},
)  # fmt: skip
EXISTING_VPC = replace(
    SMALL,
    network=Network(
        existing_vpc_id="vpc-0123456789abcdef0",
        existing_private_subnet_ids=("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
        flow_logs=False,
    ),
    kms_key_arn="arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
)
EXISTING_CLUSTER = replace(
    SMALL,
    network=Network(flow_logs=False),
    cluster=Cluster(
        existing_name="theirs",
        create_oidc_provider=False,
        existing_access_entries=True,
        node_groups=(NodeGroup("gpu", min_size=0, max_size=4, gpu_type="L4"),),
    ),
)
EXAMPLES = {
    "small": SMALL,
    "production": PRODUCTION,
    "existing-vpc": EXISTING_VPC,
    "existing-cluster": EXISTING_CLUSTER,
}

# What Terraform would run, were it ever to reach the code. It looks like a value wherever a customer may write one.
CANARY = '${file("/etc/hostname")}%{ for x in [1] }canary%{ endfor }'
HOSTILE = replace(
    SMALL,
    workspace=f"w{CANARY}",
    environment=f"e{CANARY}",
    domain=f"d{CANARY}",
    account=replace(SMALL.account, role_arn=f"arn:{CANARY}", external_id=CANARY),
    cluster=Cluster(system_nodes=NodeGroup(SYSTEM, labels={"label": CANARY, CANARY: "x"}), version=CANARY),
)

STACKS = {
    **BUILT_IN,
    "minimal": "tests.integration.infra_engine.stacks.minimal:MINIMAL",
    "database": "tests.integration.infra_engine.stacks.database:DATABASE",
    "cluster": "tests.integration.infra_engine.stacks.cluster:CLUSTER",
    "broken": "tests.integration.infra_engine.stacks.broken:BROKEN",
    "forbidden": "tests.integration.infra_engine.stacks.broken:FORBIDDEN",
    "mortal": "tests.integration.infra_engine.stacks.broken:MORTAL",
    "wire": "tests.integration.infra_engine.stacks.inside:WIRE",
    "traces": "tests.integration.infra_engine.stacks.inside:TRACES",
}


def registry() -> StackRegistry:
    return StackRegistry(STACKS)
