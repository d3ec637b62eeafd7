"""One table of GPUs for those who build nodes and those who configure Beta9."""

from __future__ import annotations

from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.gpus import BETA9_NAMES, fewest
from services.infra_engine.document_nodes import cluster
from services.infra_engine.stacks.aws.gpu import INSTANCE_TYPES


def test_every_gpu_of_the_contract_has_a_name_of_its_own() -> None:
    assert set(BETA9_NAMES) == set(pb.GpuType.values()) - {pb.GPU_TYPE_UNSPECIFIED}
    assert len(set(BETA9_NAMES.values())) == len(BETA9_NAMES)


def test_the_nodes_carry_the_names_that_the_pools_ask_for() -> None:
    for value, name in BETA9_NAMES.items():
        group = pb.NodeGroupSpec(name="g", gpu_type=value)  # type: ignore[arg-type]
        (made,) = cluster(pb.EnvironmentSpec(cluster=pb.ClusterSpec(node_groups=[group]))).node_groups
        assert made.gpu_type == name


def test_the_fewest_are_those_of_the_instances_that_are_picked() -> None:
    assert set(INSTANCE_TYPES) == set(BETA9_NAMES.values())
    for name, sold in INSTANCE_TYPES.items():
        assert fewest(name) == min(sold, default=1), name
