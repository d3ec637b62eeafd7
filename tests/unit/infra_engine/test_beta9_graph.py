"""The order of the Beta9 stack, read from its golden file: what waits for what."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.infra_engine.stacks.aws.definition import BETA9
from services.infra_engine.stacks.aws.inputs import _TYPES

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
STACK: dict[str, Any] = json.loads((GOLDEN / "beta9-small.tf.json").read_text())
VARIABLES: dict[str, Any] = json.loads((GOLDEN / "beta9-small.tfvars.json").read_text())

RESOURCES: dict[str, Any] = {
    f"{kind}.{name}": body for kind, named in STACK["resource"].items() for name, body in named.items()
}


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def direct(address: str) -> set[str]:
    text = " ".join(strings(RESOURCES[address]))
    if "local.cluster_issuer" in text:
        text += STACK["locals"]["cluster_issuer"]
    return {one for one in re.findall(r"\baws_\w+\.\w+", text) if one in RESOURCES}


def waits_for(address: str) -> set[str]:
    """Everything that must be there before it is begun."""
    found: set[str] = set()
    ahead = direct(address)
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead |= direct(one)
    return found


BACKENDS = {
    "aws_db_instance.database",
    "aws_elasticache_replication_group.cache",
    "aws_s3_bucket.bucket",
    "aws_secretsmanager_secret_version.database_secret_value",
}
CLUSTER = next(one for one in BETA9.milestones if one.name == "cluster_available")
ALL = frozenset().union(*(one.addresses for one in BETA9.milestones))


def test_milestones_name_resources_of_the_stack() -> None:
    assert set(RESOURCES) >= ALL
    assert {name for one in BETA9.milestones for name in one.outputs} == set(STACK["output"])


def test_nothing_of_the_cluster_waits_for_a_backend() -> None:
    for address in CLUSTER.addresses:
        assert not waits_for(address) & BACKENDS, address


@pytest.mark.parametrize("address", sorted(BACKENDS))
def test_no_backend_waits_for_the_cluster(address: str) -> None:
    assert not [one for one in waits_for(address) if one.startswith("aws_eks_")]


def test_outputs_of_a_milestone_are_there_with_it() -> None:
    for milestone in BETA9.milestones:
        there = {one for address in milestone.addresses for one in (address, *waits_for(address))}
        for name in milestone.outputs:
            used = [one for one in re.findall(r"\baws_\w+\.\w+", STACK["output"][name]["value"]) if one in RESOURCES]
            assert set(used) <= there, (milestone.name, name)


def test_network_add_ons_come_before_the_nodes_and_the_others_after() -> None:
    nodes = waits_for("aws_eks_node_group.system_nodes")
    assert {"aws_eks_addon.vpc_cni", "aws_eks_addon.kube_proxy"} <= nodes
    for after in ("aws_eks_addon.coredns", "aws_eks_addon.aws_ebs_csi_driver"):
        assert after not in nodes
        assert "aws_eks_node_group.system_nodes" in waits_for(after)


def test_nodes_have_their_rights_and_a_way_out() -> None:
    nodes = waits_for("aws_eks_node_group.system_nodes")
    assert {
        "aws_iam_role_policy_attachment.node_role_worker",
        "aws_route.private_default",
        "aws_route_table_association.private_0_routes",
        "aws_nat_gateway.nat_gateway",
    } <= nodes
    assert "aws_iam_role_policy_attachment.ebs_csi_role_policy" in waits_for("aws_eks_addon.aws_ebs_csi_driver")


def test_the_database_waits_for_the_secret_that_holds_its_password() -> None:
    assert "aws_secretsmanager_secret_version.database_secret_value" in waits_for("aws_db_instance.database")


def test_the_password_goes_into_write_only_arguments_alone() -> None:
    used = [
        (address, argument)
        for address, body in RESOURCES.items()
        for argument, value in body.items()
        if any("postgres_password}" in one for one in strings(value))
    ]
    assert sorted(used) == [
        ("aws_db_instance.database", "password_wo"),
        ("aws_secretsmanager_secret_version.database_secret_value", "secret_string_wo"),
    ]
    assert STACK["variable"]["postgres_password"] == {
        "type": "string", "nullable": False, "sensitive": True, "ephemeral": True,
    }  # fmt: skip
    assert "postgres_password" not in VARIABLES


def test_every_variable_is_declared_and_given() -> None:
    assert set(VARIABLES) == set(_TYPES) == set(STACK["variable"]) - {"postgres_password"}


def test_only_the_cluster_itself_reaches_the_backends() -> None:
    rules = STACK["resource"]["aws_vpc_security_group_ingress_rule"]
    assert {name: (rule["from_port"], rule["to_port"]) for name, rule in rules.items()} == {
        "database_from_cluster": (5432, 5432),
        "cache_from_cluster": (6379, 6379),
    }
    for rule in rules.values():
        assert rule["referenced_security_group_id"] == (
            "${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}"
        )
    database, cache = RESOURCES["aws_db_instance.database"], RESOURCES["aws_elasticache_replication_group.cache"]
    assert database["publicly_accessible"] is False
    assert database["storage_encrypted"] is True
    assert cache["transit_encryption_enabled"] is True
    assert cache["transit_encryption_mode"] == "required"


def test_beta9_gets_the_cache_parameters_that_it_relies_on() -> None:
    parameters = RESOURCES["aws_elasticache_parameter_group.cache_parameters"]["parameter"]
    assert {one["name"]: one["value"] for one in parameters} == {
        "notify-keyspace-events": "AKE",
        "maxmemory-policy": "noeviction",
    }
