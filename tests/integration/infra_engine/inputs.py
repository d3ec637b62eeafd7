"""Inputs of stacks for tests."""

from dataclasses import replace

from services.infra_engine.stacks.definition import BUILT_IN, StackRegistry
from services.infra_engine.stacks.stack_input import SYSTEM, AwsAccount, Cluster, NodeGroup, StackInput

SMALL = StackInput(
    workspace="acme",
    environment="production",
    uid="3f2b8a50-7d1c-4f0e-9a39-c1d9a0b7e001",
    account=AwsAccount("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/Beta9Provisioner", "external"),
    domain="beta9.acme.example",
)

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
    "cluster": "tests.integration.infra_engine.stacks.cluster:CLUSTER",
    "broken": "tests.integration.infra_engine.stacks.broken:BROKEN",
    "forbidden": "tests.integration.infra_engine.stacks.broken:FORBIDDEN",
    "mortal": "tests.integration.infra_engine.stacks.broken:MORTAL",
}


def registry() -> StackRegistry:
    return StackRegistry(STACKS)
