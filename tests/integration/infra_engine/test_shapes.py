"""Terraform itself takes the stack of every shape."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.processes import run
from services.infra_engine.stacks.aws.shape import to_shape
from services.infra_engine.stacks.stack_input import Cluster, Network, NodeGroup, Taint
from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import LocalTerraform, WorkFolder
from tests.integration.infra_engine.inputs import EXAMPLES

# What no example has: each choice of a shape is made both ways somewhere.
SHAPES = {
    **EXAMPLES,
    "zones by name, groups without GPUs": replace(
        EXAMPLES["minimal"],
        network=Network(zone_count=2, zone_ids=("use1-az1", "use1-az2"), nat_per_zone=True, flow_logs=False),
        cluster=Cluster(
            node_groups=(
                NodeGroup("reserved", instance_types=("m6i.large",), capacity_reservation_id="cr-0123456789abcdef0"),
                NodeGroup("plain", taints=(Taint("a", "b", "NO_EXECUTE"), Taint("c", "", "NO_SCHEDULE"))),
            )
        ),
        reservation_zone_ids={"cr-0123456789abcdef0": "use1-az1"},
    ),
    "a VPC with public subnets by their tags": replace(
        EXAMPLES["existing-vpc"],
        network=replace(EXAMPLES["existing-vpc"].network, existing_public_subnet_ids=(), flow_logs=True),
        kms_key_arn=EXAMPLES["every-key"].kms_key_arn,
    ),
    "a cluster without a provider or groups": replace(
        EXAMPLES["existing-cluster"],
        network=Network(),
        cluster=Cluster(existing_name="theirs"),
        kms_key_arn=EXAMPLES["every-key"].kms_key_arn,
    ),
}


def choices(value: Any, at: str = "") -> set[tuple[str, object]]:
    """What a shape says, numbers and lists by whether there is any."""
    if isinstance(value, Mapping):
        return {one for name, inner in value.items() for one in choices(inner, f"{at}.{name}")}
    if isinstance(value, list | tuple):
        return {(at, bool(value))} | {one for inner in value for one in choices(inner, at)}
    return set() if isinstance(value, str) else {(at, bool(value))}


def test_each_choice_of_a_shape_is_made_both_ways() -> None:
    made = {one for document in SHAPES.values() for one in choices(to_shape(document))}
    assert made == {(at, way) for at, _ in made for way in (True, False)}


@pytest.mark.asyncio(loop_scope="module")
async def test_every_shape_is_valid(synthesizer: ChildSynthesizer, tmp_path: Path) -> None:
    """One provider for all of them: `init` copies or links it, `validate` asks it for its schema."""
    folder = WorkFolder(tmp_path / "work")
    for name, stack_input in SHAPES.items():
        stack = await synthesizer.synthesize(stack_input)
        folder.prepare(stack.main_tf_json, stack.variables)
        if not (folder.path / ".terraform").exists():
            await LocalTerraform(environment=os.environ).init(folder)
        finished = await run(["terraform", "validate", "-json"], env=os.environ, cwd=folder.path, time_limit=120)
        answer = json.loads(finished.stdout)
        assert (answer["valid"], answer["diagnostics"]) == (True, []), name
