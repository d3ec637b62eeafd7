"""What a node group of a document is in the end."""

import json
from dataclasses import replace

import pytest

from libs.gpus import BETA9_NAMES
from services.infra_engine.stacks.aws.addon_settings import coredns_settings, ebs_csi_settings
from services.infra_engine.stacks.aws.gpu import INSTANCE_TYPES, UnusableGpu, instance_type
from services.infra_engine.stacks.aws.node_groups import ResolvedGroup, UnusableGroup, resolve
from services.infra_engine.stacks.stack_input import (
    SYSTEM,
    AwsAccount,
    Cluster,
    NodeGroup,
    StackInput,
    Taint,
)

INPUT = StackInput("w", "prod", "u", AwsAccount("123456789012", "us-east-1", "arn", None), "d")


def resolved(*groups: NodeGroup, **reservations: str) -> tuple[ResolvedGroup, ...]:
    zones = {name.replace("_", "-"): zone for name, zone in reservations.items()}
    return resolve(replace(INPUT, cluster=Cluster(node_groups=groups), reservation_zone_ids=zones))


def one(group: NodeGroup, **reservations: str) -> ResolvedGroup:
    return resolved(group, **reservations)[1]


def system(group: NodeGroup, profile: str = "small") -> tuple[int, int, int]:
    found = resolve(replace(INPUT, cluster=Cluster(profile=profile, system_nodes=group)))[0]  # type: ignore[arg-type]
    return found.min_size, found.max_size, found.desired_size


def test_the_system_group_comes_first_and_a_cluster_of_the_customers_has_none() -> None:
    assert [group.name for group in resolved(NodeGroup("a"), NodeGroup("b-c"))] == [SYSTEM, "a", "b-c"]
    assert [group.key for group in resolved(NodeGroup("b-c"))] == [SYSTEM, "b_c"]
    theirs = replace(INPUT, cluster=Cluster(existing_name="theirs", node_groups=(NodeGroup("a"),)))
    assert [group.name for group in resolve(theirs)] == ["a"]


@pytest.mark.parametrize(
    ("group", "sizes"),
    [
        (NodeGroup(SYSTEM), (1, 3, 2)),
        (NodeGroup(SYSTEM, max_size=1), (1, 1, 1)),
        (NodeGroup(SYSTEM, min_size=5), (5, 5, 5)),
        (NodeGroup(SYSTEM, min_size=0, max_size=9), (0, 9, 2)),
        (NodeGroup(SYSTEM, desired_size=3), (1, 3, 3)),
    ],
)
def test_what_the_document_says_wins_and_the_profile_gives_way(group: NodeGroup, sizes: tuple[int, int, int]) -> None:
    assert system(group) == sizes


def test_a_group_of_the_documents_own_starts_with_nothing() -> None:
    group = one(NodeGroup("cpu"))
    assert (group.min_size, group.max_size, group.desired_size, group.disk_gb) == (0, 10, 0, 100)
    assert (group.ami_type, group.gpu_count) == ("AL2023_x86_64_STANDARD", 0)
    large = replace(INPUT, cluster=Cluster(profile="large", node_groups=(NodeGroup("cpu"),)))
    assert resolve(large)[1].instance_types == ("t3.2xlarge",)


@pytest.mark.parametrize(("low", "high", "wished"), [(4, 3, None), (1, 3, 4), (2, 3, 1), (0, 0, None)])
def test_sizes_that_do_not_rise_are_refused(low: int, high: int, wished: int | None) -> None:
    with pytest.raises(UnusableGroup, match="must rise"):
        one(NodeGroup("cpu", min_size=low, max_size=high, desired_size=wished))


def test_a_gpu_group_is_found_by_its_labels_whatever_the_document_says() -> None:
    group = one(NodeGroup("gpu", gpu_type="L4", labels={"beta9.io/node-group": "mine", "team": "ml"}))
    assert group.labels == {"beta9.io/node-group": "gpu", "beta9.io/gpu-type": "L4", "team": "ml"}
    assert (group.instance_types, group.gpu_count) == (("g6.xlarge",), 1)
    assert (group.ami_type, group.disk_gb) == ("AL2023_x86_64_NVIDIA", 200)
    assert group.taints == ()


@pytest.mark.parametrize("gpu_type", [name for name, sold in INSTANCE_TYPES.items() if sold])
def test_every_gpu_that_aws_sells_has_an_instance_type_a_count(gpu_type: str) -> None:
    counts = INSTANCE_TYPES[gpu_type]
    assert set(counts) <= {1, 2, 4, 8}
    assert instance_type(gpu_type, None) == (counts[min(counts)], min(counts))
    for count, name in counts.items():
        assert instance_type(gpu_type, count) == (name, count)


def test_the_gpu_types_are_the_contracts() -> None:
    assert set(INSTANCE_TYPES) == set(BETA9_NAMES.values())


def test_instance_types_of_the_document_win_over_the_gpus() -> None:
    group = one(NodeGroup("gpu", gpu_type="H200", instance_types=("p5e.48xlarge",), gpu_count=8))
    assert (group.instance_types, group.gpu_count) == (("p5e.48xlarge",), 8)


@pytest.mark.parametrize(
    ("gpu_type", "count", "remedy"),
    [("V100", None, "use T4 or V100-32"), ("H100", 4, "one of 1, 8"), ("A6000", None, "use one of")],
)
def test_a_gpu_that_aws_does_not_sell_is_refused_with_the_remedy(gpu_type: str, count: int | None, remedy: str) -> None:
    with pytest.raises(UnusableGpu, match=remedy):
        one(NodeGroup("gpu", gpu_type=gpu_type, gpu_count=count))


@pytest.mark.parametrize("name", ["", "A", "1a", "a_b", "a" * 21, "${file(1)}", "a\n", "ä", "a b"])
def test_a_name_that_cannot_be_part_of_an_address_is_refused(name: str) -> None:
    with pytest.raises(UnusableGroup, match="lower-case letters"):
        one(NodeGroup(name))


def test_two_groups_of_one_name_are_refused() -> None:
    with pytest.raises(UnusableGroup, match="'a'"):
        resolved(NodeGroup("a"), NodeGroup("b"), NodeGroup("a"))


def test_a_reservation_holds_its_group_in_its_zone() -> None:
    group = NodeGroup("a", capacity_reservation_id="cr-1", gpu_type="H100")
    assert one(group, cr_1="use1-az2").zone_id == "use1-az2"
    assert one(group, cr_2="use1-az2").zone_id is None


def test_a_capacity_block_is_one_reservation_of_one_type() -> None:
    block = NodeGroup("a", capacity_type="CAPACITY_BLOCK", capacity_reservation_id="cr-1", gpu_type="H100")
    assert one(block, cr_1="use1-az2").capacity_type == "CAPACITY_BLOCK"
    with pytest.raises(UnusableGroup, match="capacity_reservation_id"):
        one(block)
    with pytest.raises(UnusableGroup, match="capacity_reservation_id"):
        one(replace(block, capacity_reservation_id=None))
    with pytest.raises(UnusableGroup, match="one instance type"):
        one(replace(block, instance_types=("p5.48xlarge", "p5e.48xlarge")), cr_1="use1-az2")


def test_add_ons_run_on_the_system_nodes_whatever_their_taints() -> None:
    settings = json.loads(coredns_settings((Taint("a", '"', "NO_EXECUTE"),)))
    assert settings["nodeSelector"] == {"beta9.io/node-group": "system"}
    assert settings["tolerations"][-1] == {"key": "a", "operator": "Equal", "value": '"', "effect": "NoExecute"}
    assert json.loads(ebs_csi_settings(()))["controller"]["nodeSelector"] == {"beta9.io/node-group": "system"}
