"""The order of the Beta9 stack, read from its golden files: what waits for what."""

import re

import pytest

from services.infra_engine.stacks.aws.definition import BETA9
from services.infra_engine.stacks.aws.inputs import TYPES
from services.infra_engine.stacks.definition import Milestone
from services.infra_engine.stacks.stack_input import StackInput
from tests.integration.infra_engine.inputs import EXAMPLES
from tests.unit.infra_engine.golden_stacks import golden, golden_variables, strings

GRAPHS = {name: golden(name) for name in EXAMPLES}
SMALL = GRAPHS["minimal"]
OWN_CLUSTER = ["minimal", "production", "existing-vpc", "every-key"]
every_example = pytest.mark.parametrize("name", EXAMPLES)
every_cluster_of_ours = pytest.mark.parametrize("name", OWN_CLUSTER)

BACKENDS = {
    "aws_db_instance.database",
    "aws_elasticache_replication_group.cache",
    "aws_s3_bucket.bucket",
    "aws_secretsmanager_secret_version.database_secret_value",
    "aws_secretsmanager_secret.cache_secret",
}


def milestones(stack_input: StackInput) -> dict[str, Milestone]:
    return {one.name: one for one in BETA9.milestones(BETA9.shape(stack_input))}


@every_example
def test_milestones_name_resources_and_outputs_of_the_stack(name: str) -> None:
    reached = milestones(EXAMPLES[name])
    for one in reached.values():
        assert set(GRAPHS[name].resources) >= one.addresses, one.name
    assert {output for one in reached.values() for output in one.outputs} == set(GRAPHS[name].stack["output"])


@every_example
def test_nothing_of_the_cluster_waits_for_a_backend(name: str) -> None:
    for address in milestones(EXAMPLES[name])["cluster_available"].addresses:
        assert not GRAPHS[name].waits_for(address) & BACKENDS, address


@every_example
@pytest.mark.parametrize("address", sorted(BACKENDS))
def test_no_backend_waits_for_the_cluster(name: str, address: str) -> None:
    assert not [one for one in GRAPHS[name].waits_for(address) if one.startswith("aws_eks_")]


@every_example
def test_outputs_of_a_milestone_are_there_with_it(name: str) -> None:
    graph = GRAPHS[name]
    for milestone in milestones(EXAMPLES[name]).values():
        there = {one for address in milestone.addresses for one in (address, *graph.waits_for(address))}
        for output in milestone.outputs:
            used = {one for one in graph.refers_to(graph.stack["output"][output]["value"]) if one in graph.resources}
            assert used <= there, (milestone.name, output)


@every_cluster_of_ours
def test_network_add_ons_come_before_every_group_and_the_others_after_the_system_nodes(name: str) -> None:
    graph = GRAPHS[name]
    for label in graph.of("aws_eks_node_group"):
        before = graph.waits_for(f"aws_eks_node_group.{label}")
        assert {"aws_eks_addon.vpc_cni", "aws_eks_addon.kube_proxy"} <= before
        assert not before & {"aws_eks_addon.coredns", "aws_eks_addon.aws_ebs_csi_driver"}
    for after in ("aws_eks_addon.coredns", "aws_eks_addon.aws_ebs_csi_driver"):
        groups = {one for one in graph.waits_for(after) if one.startswith("aws_eks_node_group")}
        # Groups of workers may be empty, or long in coming.
        assert groups == {"aws_eks_node_group.system_nodes"}


@every_cluster_of_ours
def test_the_versions_of_add_ons_are_known_to_the_plan_of_an_upgrade(name: str) -> None:
    """Data that waited for the cluster would be unknown while the cluster changes."""
    versions = [one for one in GRAPHS[name].data if one.startswith("data.aws_eks_addon_version")]
    assert len(versions) == 4
    for one in versions:
        assert not GRAPHS[name].waits_for(one)


@pytest.mark.parametrize("name", ["minimal", "production", "every-key"])
def test_nodes_have_their_rights_and_a_way_out(name: str) -> None:
    graph = GRAPHS[name]
    zones = len(graph.of("aws_subnet")) // 2
    for label in graph.of("aws_eks_node_group"):
        nodes = graph.waits_for(f"aws_eks_node_group.{label}")
        assert "aws_iam_role_policy_attachment.node_role_worker" in nodes
        assert {f"aws_route.private_{index}_default" for index in range(zones)} <= nodes
        assert {f"aws_route_table_association.private_{index}_routes" for index in range(zones)} <= nodes
        assert {one for one in nodes if one.startswith("aws_nat_gateway")} == {
            f"aws_nat_gateway.{label}" for label in graph.of("aws_nat_gateway")
        }
    ebs = graph.waits_for("aws_eks_addon.aws_ebs_csi_driver")
    assert {"aws_iam_role_policy_attachment.ebs_csi_role_policy", "aws_iam_role_policy.ebs_csi_key"} <= ebs


def test_whatever_writes_a_log_finds_its_group() -> None:
    for writer, group in (
        ("aws_eks_cluster.cluster", "cluster_logs"),
        ("aws_flow_log.flow_log", "flow_logs"),
        ("aws_db_instance.database", "database_logs_postgresql"),
        ("aws_db_instance.database", "database_logs_upgrade"),
    ):
        assert f"aws_cloudwatch_log_group.{group}" in SMALL.waits_for(writer)


@every_example
def test_the_database_waits_for_the_secret_that_holds_its_password(name: str) -> None:
    waits = GRAPHS[name].waits_for("aws_db_instance.database")
    assert "aws_secretsmanager_secret_version.database_secret_value" in waits


@every_example
def test_the_password_goes_into_write_only_arguments_alone(name: str) -> None:
    used = [
        (address, argument)
        for address, body in GRAPHS[name].resources.items()
        for argument, value in body.items()
        if any("postgres_password}" in one for one in strings(value))
    ]
    assert sorted(used) == [
        ("aws_db_instance.database", "password_wo"),
        ("aws_secretsmanager_secret_version.database_secret_value", "secret_string_wo"),
    ]
    assert GRAPHS[name].stack["variable"]["postgres_password"] == {
        "type": "string", "nullable": False, "sensitive": True, "ephemeral": True,
    }  # fmt: skip
    assert "postgres_password" not in golden_variables(name)


@every_example
def test_every_variable_is_declared_and_given(name: str) -> None:
    assert set(golden_variables(name)) == set(TYPES) == set(GRAPHS[name].stack["variable"]) - {"postgres_password"}


@every_example
def test_only_the_cluster_itself_reaches_the_backends(name: str) -> None:
    graph = GRAPHS[name]
    rules = graph.of("aws_vpc_security_group_ingress_rule")
    assert {name: (rule["from_port"], rule["to_port"]) for name, rule in rules.items()} == {
        "database_from_cluster": (5432, 5432),
        "cache_from_cluster": (6379, 6379),
    }
    for rule in rules.values():
        assert re.fullmatch(
            r"\$\{(data\.)?aws_eks_cluster\.cluster\.vpc_config\[0\]\.cluster_security_group_id\}",
            rule["referenced_security_group_id"],
        )
    database, cache = graph.of("aws_db_instance")["database"], graph.of("aws_elasticache_replication_group")["cache"]
    assert database["publicly_accessible"] is False
    assert cache["transit_encryption_enabled"] is True
    assert cache["transit_encryption_mode"] == "required"


def test_beta9_gets_the_parameters_that_it_relies_on() -> None:
    parameters = SMALL.of("aws_elasticache_parameter_group")["cache_parameters"]["parameter"]
    assert {one["name"]: one["value"] for one in parameters} == {
        "notify-keyspace-events": "AKE",
        "maxmemory-policy": "noeviction",
    }
    (forced,) = SMALL.of("aws_db_parameter_group")["database_parameters"]["parameter"]
    assert (forced["name"], forced["value"]) == ("rds.force_ssl", "1")


def test_a_token_set_by_api_is_no_difference() -> None:
    ignored = SMALL.of("aws_elasticache_replication_group")["cache"]["lifecycle"]["ignore_changes"]
    assert ignored == ["auth_token", "auth_token_update_strategy"]


def test_a_group_of_reserved_instances_goes_before_the_next_one_comes() -> None:
    groups = GRAPHS["every-key"].of("aws_eks_node_group")
    first = {label for label, body in groups.items() if body["lifecycle"].get("create_before_destroy")}
    assert first == set(groups) - {"nodes_mine"}


def test_a_capacity_block_is_launched_from_its_reservation_in_its_zone() -> None:
    graph = GRAPHS["every-key"]
    group = graph.of("aws_eks_node_group")["nodes_mine"]
    template = graph.of("aws_launch_template")["nodes_mine_template"]
    assert "instance_types" not in group
    assert template["instance_type"] == "${var.node_groups.mine.instance_types[0]}"
    assert template["instance_market_options"] == {"market_type": "capacity-block"}
    assert group["subnet_ids"] == ["${local.subnet_of_mine}"]
    assert graph.refers_to(group["subnet_ids"]) == {f"aws_subnet.private_{index}" for index in range(2)}


def test_nothing_of_the_customers_network_or_cluster_is_made() -> None:
    network = {
        "aws_vpc", "aws_subnet", "aws_route", "aws_route_table", "aws_route_table_association", "aws_nat_gateway",
        "aws_internet_gateway", "aws_eip", "aws_vpc_endpoint", "aws_default_security_group", "aws_flow_log",
    }  # fmt: skip
    assert not network & set(GRAPHS["existing-vpc"].stack["resource"])
    of_theirs = set(GRAPHS["existing-cluster"].stack["resource"])
    cluster = {"aws_eks_cluster", "aws_eks_addon", "aws_eks_access_policy_association"}
    assert not (network | cluster | {"aws_iam_openid_connect_provider"}) & of_theirs
    assert list(GRAPHS["existing-cluster"].of("aws_eks_node_group")) == ["nodes_workers"]
    (entry,) = GRAPHS["existing-cluster"].of("aws_eks_access_entry").values()
    assert (entry["type"], entry["principal_arn"]) == ("EC2_LINUX", "${aws_iam_role.node_role.arn}")
    assert "aws_eks_access_entry.nodes" in GRAPHS["existing-cluster"].waits_for("aws_eks_node_group.nodes_workers")
