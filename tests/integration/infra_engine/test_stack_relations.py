"""What holds for the stack of every document, read from its JSON."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from services.infra_engine.stacks.aws.definition import BETA9
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis import ChildSynthesizer, RememberingSynthesizer
from tests.integration.infra_engine.generated import documents
from tests.integration.infra_engine.inputs import registry
from tests.unit.infra_engine.golden_stacks import Graph, strings

pytestmark = pytest.mark.asyncio(loop_scope="module")

_OPEN = re.compile(r"0\.0\.0\.0/0|::/0")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents())
async def test_relations_hold_for_every_document(synthesizer: ChildSynthesizer, document: StackInput) -> None:
    got = await RememberingSynthesizer(synthesizer, registry()).synthesize(document)
    graph = Graph(json.loads(got.main_tf_json))
    every_subnet_has_a_route_table(graph, document)
    nothing_is_open_to_the_world(graph)
    every_store_is_encrypted(graph, document)
    every_role_and_user_is_bounded(graph, got.variables, document)
    every_log_group_is_kept_as_long_as_said(graph)
    every_node_is_out_of_pods_reach_and_encrypted(graph, document)
    milestones_can_be_reached(graph, got.milestones)
    every_variable_reference_has_a_value(graph, dict(got.variables))
    assert document.environment not in got.main_tf_json.decode()


def key(document: StackInput) -> str:
    return "${var.kms_key_arn}" if document.kms_key_arn else "${aws_kms_key.key.arn}"


def every_subnet_has_a_route_table(graph: Graph, document: StackInput) -> None:
    associated = [one["subnet_id"] for one in graph.of("aws_route_table_association").values()]
    subnets = graph.of("aws_subnet")
    assert sorted(associated) == sorted(f"${{aws_subnet.{label}.id}}" for label in subnets)
    tables = {one["route_table_id"] for one in graph.of("aws_route_table_association").values()}
    assert tables == {one["route_table_id"] for one in graph.of("aws_route").values()}
    private = [one for one in graph.of("aws_route").values() if "nat_gateway_id" in one]
    assert len({one["nat_gateway_id"] for one in private}) == len(graph.of("aws_nat_gateway"))
    if subnets and document.network.nat_per_zone:
        assert len(graph.of("aws_nat_gateway")) == len(subnets) // 2
    for endpoint in graph.of("aws_vpc_endpoint").values():
        assert set(endpoint["route_table_ids"]) == {one["route_table_id"] for one in private}


def nothing_is_open_to_the_world(graph: Graph) -> None:
    for label, rule in graph.of("aws_vpc_security_group_ingress_rule").items():
        assert not any(_OPEN.search(one) for one in strings(rule)), label
        assert "cidr_ipv4" not in rule and "cidr_ipv6" not in rule
    for group in (*graph.of("aws_security_group").values(), *graph.of("aws_default_security_group").values()):
        assert "ingress" not in group and "egress" not in group
    assert "aws_vpc_security_group_egress_rule" not in graph.stack["resource"]
    for address, body in graph.resources.items():
        if any(_OPEN.search(one) for one in strings(body)):
            assert address.startswith("aws_route."), address
    assert graph.of("aws_db_instance")["database"]["publicly_accessible"] is False
    blocked = graph.of("aws_s3_bucket_public_access_block")["bucket_private"]
    assert [blocked[name] for name in sorted(blocked) if name != "bucket"] == [True] * 4


def every_store_is_encrypted(graph: Graph, document: StackInput) -> None:
    database = graph.of("aws_db_instance")["database"]
    # Its snapshots outlive a key of ours.
    assert (database["storage_encrypted"], database["kms_key_id"]) == (True, "${var.kms_key_arn}")
    cache = graph.of("aws_elasticache_replication_group")["cache"]
    assert (cache["at_rest_encryption_enabled"], cache["kms_key_id"]) == ("true", key(document))
    (rule,) = graph.of("aws_s3_bucket_server_side_encryption_configuration")["bucket_encryption"]["rule"]
    default = rule["apply_server_side_encryption_by_default"]
    assert default == {"sse_algorithm": "aws:kms", "kms_master_key_id": key(document)}
    for secret in graph.of("aws_secretsmanager_secret").values():
        assert secret["kms_key_id"] == key(document)
    for cluster in graph.of("aws_eks_cluster").values():
        assert cluster["encryption_config"] == {"provider": {"key_arn": key(document)}, "resources": ["secrets"]}
    assert len(graph.of("aws_kms_key")) == (document.kms_key_arn is None)
    for own in graph.of("aws_kms_key").values():
        assert own["enable_key_rotation"] is True


def every_role_and_user_is_bounded(graph: Graph, variables: Any, document: StackInput) -> None:
    for one in (*graph.of("aws_iam_role").values(), *graph.of("aws_iam_user").values()):
        assert one["permissions_boundary"] == "${var.permissions_boundary_arn}"
    assert variables["permissions_boundary_arn"] == document.permissions_boundary_arn


def every_log_group_is_kept_as_long_as_said(graph: Graph) -> None:
    for group in graph.of("aws_cloudwatch_log_group").values():
        assert group["retention_in_days"] == "${var.log_retention_days}"
        assert "kms_key_id" in group


def every_node_is_out_of_pods_reach_and_encrypted(graph: Graph, document: StackInput) -> None:
    templates = graph.of("aws_launch_template")
    assert {f"{label}_template" for label in graph.of("aws_eks_node_group")} == set(templates)
    for template in templates.values():
        assert template["metadata_options"] == {
            "http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1,
        }  # fmt: skip
        (disk,) = template["block_device_mappings"]
        assert (disk["ebs"]["encrypted"], disk["ebs"]["kms_key_id"]) == ("true", key(document))


def milestones_can_be_reached(graph: Graph, milestones: Any) -> None:
    for milestone in milestones:
        assert milestone.addresses <= set(graph.resources), milestone.name
        there = {one for address in milestone.addresses for one in (address, *graph.waits_for(address))}
        for output in milestone.outputs:
            used = graph.refers_to(graph.stack["output"][output]["value"])
            assert {one for one in used if one in graph.resources} <= there, (milestone.name, output)


def every_variable_reference_has_a_value(graph: Graph, variables: dict[str, object]) -> None:
    """Each step of a reference such as `var.node_groups.gpu.taints[0].key` is there."""
    for reference in {one for text in strings(graph.stack) for one in re.findall(r"\bvar\.([\w.\[\]]+)", text)}:
        if reference in BETA9.secrets:
            continue
        value: Any = variables
        for step in re.findall(r"\w+", reference):
            value = value[int(step) if isinstance(value, list) else step]
