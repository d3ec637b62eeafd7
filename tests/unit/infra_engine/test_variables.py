"""What an environment's document becomes as Terraform variables."""

import ipaddress
from dataclasses import replace
from typing import Any

import pytest

from services.infra_engine.stacks.aws.checks import UnusableValue
from services.infra_engine.stacks.aws.subnets import UnusableNetwork, subnet_cidrs
from services.infra_engine.stacks.aws.tags import environment_tags
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


def group(variables: dict[str, object], name: str = SYSTEM) -> dict[str, Any]:
    groups: Any = variables["node_groups"]
    found: dict[str, Any] = groups[name]
    return found


@pytest.mark.parametrize(
    ("size", "nodes", "database", "cache"),
    [
        ("small", ("t3.large", 1, 3, 2), ("db.t3.small", 20), "cache.t3.small"),
        ("medium", ("t3.xlarge", 2, 6, 3), ("db.t3.large", 100), "cache.t3.medium"),
        ("large", ("t3.2xlarge", 3, 10, 5), ("db.r5.xlarge", 500), "cache.r5.large"),
    ],
)
def test_profiles_and_sizes_are_the_prior_arts(size: Any, nodes: object, database: object, cache: str) -> None:
    got = stack_variables(
        replace(INPUT, cluster=Cluster(profile=size), postgres=Postgres(size=size), redis=Redis(size=size))
    )
    system = group(got)
    assert (system["instance_types"][0], system["min_size"], system["max_size"], system["desired_size"]) == nodes
    assert (got["postgres_instance_class"], got["postgres_storage_gb"]) == database
    assert got["cache_node_type"] == cache


def test_the_defaults_are_the_contracts() -> None:
    got = stack_variables(INPUT)
    assert (got["cache_engine"], got["cache_engine_version"], got["cache_family"]) == ("valkey", "8.0", "valkey8")
    assert (got["cache_nodes"], got["cache_failover"], got["cache_snapshot_retention_days"]) == (2, True, 1)
    assert (got["postgres_version"], got["postgres_multi_az"], got["postgres_backup_retention_days"]) == ("17", True, 7)
    assert (got["postgres_skip_final_snapshot"], got["postgres_max_storage_gb"]) == (False, None)
    assert (got["bucket_versioning"], got["bucket_lifecycle_days"]) == ("Enabled", 90)
    assert got["public_subnet_cidrs"] == ["10.0.1.0/24", "10.0.2.0/24"]
    assert (got["log_retention_days"], got["cluster_support_type"]) == (30, "EXTENDED")
    assert (got["cluster_public_endpoint"], got["cluster_public_cidrs"]) == (True, ["0.0.0.0/0"])
    assert got["partition"] == "aws"


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


@pytest.mark.parametrize(
    ("redis", "version", "family"),
    [
        (Redis(engine="redis"), "7.1", "redis7"),
        (Redis(engine="redis", version="7.0"), "7.0", "redis7"),
        (Redis(version="7.2"), "7.2", "valkey7"),
    ],
)
def test_the_cache_is_of_its_engines_family(redis: Redis, version: str, family: str) -> None:
    got = stack_variables(replace(INPUT, redis=redis))
    assert (got["cache_engine_version"], got["cache_family"]) == (version, family)


def test_the_document_wins_over_the_profile() -> None:
    got = stack_variables(
        replace(
            INPUT,
            cluster=Cluster(profile="large", version="1.36", system_nodes=NodeGroup(SYSTEM, labels={"team": "ml"})),
            postgres=Postgres(size="large", storage_gb=900, instance_class="db.r7g.large", keep_final_snapshot=False),
            redis=Redis(size="large", node_type="cache.r7g.large"),
        )
    )
    assert (got["cluster_version"], group(got)["instance_types"]) == ("1.36", ["t3.2xlarge"])
    assert group(got)["labels"] == {"team": "ml", "beta9.io/node-group": "system"}
    assert (got["postgres_storage_gb"], got["postgres_instance_class"]) == (900, "db.r7g.large")
    assert (got["postgres_skip_final_snapshot"], got["cache_node_type"]) == (True, "cache.r7g.large")


def test_a_private_endpoint_has_no_ranges() -> None:
    got = stack_variables(replace(INPUT, cluster=Cluster(public_endpoint=False)))
    assert (got["cluster_public_endpoint"], got["cluster_public_cidrs"]) == (False, None)


def test_everything_can_be_found_by_its_tags_and_ours_win() -> None:
    got = stack_variables(replace(INPUT, tags={"CostCenter": "42", "ManagedBy": "me"}))
    assert got["tags"] == {
        "CostCenter": "42",
        "Environment": "prod",
        "EnvironmentId": INPUT.uid,
        "ManagedBy": "beta9-provisioning",
        "Beta9Domain": "beta9.acme.com",
        "Workspace": "acme",
    }
    tags = group(got)["instance_tags"]
    assert tags.items() > environment_tags(replace(INPUT, tags={"CostCenter": "42"})).items()


def test_a_session_name_is_legal_for_a_long_uid() -> None:
    assert len(session_name("u" * 100)) == 64


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (replace(INPUT, account=replace(INPUT.account, account_id='1", "Effect')), "account id"),
        (replace(INPUT, account=replace(INPUT.account, region="us-east-1 ")), "region"),
        (replace(INPUT, kms_key_arn="alias/mine"), "KMS key"),
        (replace(INPUT, kms_key_arn='arn:aws:kms:eu-west-1:123456789012:key/"'), "KMS key"),
        (replace(INPUT, cluster=Cluster(existing_name='a"b')), "cluster name"),
        (replace(INPUT, postgres=Postgres(version="17; drop")), "Postgres version"),
        (replace(INPUT, redis=Redis(version="${x}")), "cache version"),
    ],
)
def test_what_goes_into_the_text_of_policies_and_names_has_its_form(changed: StackInput, what: str) -> None:
    with pytest.raises(UnusableValue, match=what):
        stack_variables(changed)


@pytest.mark.parametrize("zones", [2, 3])
@pytest.mark.parametrize("prefix", [16, 17, 18, 19, 20])
@pytest.mark.parametrize("base", ["10.16.0.0", "172.20.0.0", "192.168.0.0", "100.64.0.0"])
def test_subnets_lie_apart_in_the_network_and_hold_what_they_must(base: str, prefix: int, zones: int) -> None:
    cidr = f"{base}/{prefix}"
    public, private = subnet_cidrs(cidr, zones)
    assert len(public) == len(private) == zones
    subnets = [ipaddress.IPv4Network(one) for one in (*public, *private)]
    assert all(one.subnet_of(ipaddress.IPv4Network(cidr)) for one in subnets)
    assert not any(one.overlaps(other) for one in subnets for other in subnets if one is not other)
    assert all(ipaddress.IPv4Network(one).num_addresses == 2 ** (30 - prefix) for one in private)
    assert all(ipaddress.IPv4Network(one).prefixlen <= 27 for one in public)


def test_a_third_zone_moves_no_subnet() -> None:
    two, three = subnet_cidrs("10.0.0.0/16", 2), subnet_cidrs("10.0.0.0/16", 3)
    assert (three[0][:2], three[1][:2]) == two


@pytest.mark.parametrize(
    "cidr", ["10.0.0.0/15", "10.0.0.0/21", "10.0.0.1/16", "8.8.0.0/16", "192.0.2.0/20", "127.0.0.0/16", "fd00::/16", ""]
)
def test_a_network_that_does_not_hold_them_is_refused(cidr: str) -> None:
    with pytest.raises(UnusableNetwork, match=r"10\.0\.0\.0/16"):
        subnet_cidrs(cidr, 2)
