"""What an environment's document becomes as Terraform variables."""

import ipaddress
from dataclasses import replace

import pytest

from services.infra_engine.stacks.aws.subnets import UnusableNetwork, subnet_cidrs
from services.infra_engine.stacks.aws.variables import session_name, stack_variables
from services.infra_engine.stacks.stack_input import (
    SYSTEM,
    AwsAccount,
    Cluster,
    NodeGroup,
    Postgres,
    Redis,
    StackInput,
)

INPUT = StackInput(
    workspace="acme",
    environment="prod",
    uid="3f2b8a50-7d1c-4f0e-9a39-c1d9a0b7e001",
    account=AwsAccount("123456789012", "eu-west-1", "arn:aws:iam::123456789012:role/Beta9Provisioner", "ext"),
    domain="beta9.acme.com",
)


def test_the_small_profile_is_the_prior_arts() -> None:
    got = stack_variables(INPUT)
    assert (got["node_instance_types"], got["node_min_size"], got["node_max_size"], got["node_desired_size"]) == (
        ["t3.large"], 1, 3, 2,
    )  # fmt: skip
    assert (got["postgres_instance_class"], got["postgres_storage_gb"]) == ("db.t3.small", 20)
    assert (got["cache_node_type"], got["cache_nodes"], got["cache_failover"]) == ("cache.t3.small", 2, True)
    assert (got["postgres_multi_az"], got["postgres_backup_retention_days"]) == (True, 7)
    assert (got["bucket_versioning"], got["bucket_lifecycle_days"]) == ("Enabled", 90)
    assert got["public_subnet_cidrs"] == ["10.0.1.0/24", "10.0.2.0/24"]


@pytest.mark.parametrize(
    ("redis", "nodes", "failover"),
    [
        (Redis(ha=False), 1, False),
        (Redis(ha=True), 2, True),
        (Redis(ha=True, num_replicas=3), 4, True),
        (Redis(ha=True, num_replicas=0), 1, False),
        (Redis(ha=False, num_replicas=2), 3, False),
    ],
)
def test_failover_needs_a_replica(redis: Redis, nodes: int, failover: bool) -> None:
    got = stack_variables(replace(INPUT, redis=redis))
    assert (got["cache_nodes"], got["cache_failover"]) == (nodes, failover)


def test_the_document_wins_over_the_profile() -> None:
    got = stack_variables(
        replace(
            INPUT,
            cluster=Cluster(profile="large", version="1.36", system_nodes=NodeGroup(SYSTEM, labels={"team": "ml"})),
            postgres=Postgres(size="large", storage_gb=900, keep_final_snapshot=False),
        )
    )
    assert (got["cluster_version"], got["node_instance_types"]) == ("1.36", ["t3.2xlarge"])
    assert got["node_labels"] == {"team": "ml", "beta9.io/node-group": "system"}
    assert (got["postgres_storage_gb"], got["postgres_skip_final_snapshot"]) == (900, True)


def test_everything_can_be_found_by_its_tags() -> None:
    assert stack_variables(INPUT)["tags"] == {
        "Environment": "prod",
        "EnvironmentId": INPUT.uid,
        "ManagedBy": "beta9-provisioning",
        "Beta9Domain": "beta9.acme.com",
        "Workspace": "acme",
    }


def test_a_session_name_is_legal_for_a_long_uid() -> None:
    assert len(session_name("u" * 100)) == 64


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "172.20.0.0/16", "192.168.0.0/16"])
def test_subnets_lie_apart_in_the_network(cidr: str) -> None:
    public, private = subnet_cidrs(cidr)
    subnets = [ipaddress.IPv4Network(one) for one in (*public, *private)]
    assert all(one.subnet_of(ipaddress.IPv4Network(cidr)) for one in subnets)
    assert not any(one.overlaps(other) for one in subnets for other in subnets if one is not other)
    assert all(ipaddress.IPv4Network(one).num_addresses > 16_000 for one in private)


@pytest.mark.parametrize("cidr", ["10.0.0.0/24", "10.0.0.1/16", "8.8.0.0/16", "fd00::/16", "x"])
def test_a_network_that_does_not_hold_them_is_refused(cidr: str) -> None:
    with pytest.raises(UnusableNetwork, match=r"10\.0\.0\.0/16"):
        subnet_cidrs(cidr)
