"""What a change of the document means: the registry's tables, held to what the contract tells people."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from provisioning.environment.v1 import environment_spec_pb2 as pb

from scripts.docs import comments
from services.environment_registry.documents import Change, field_changes
from services.environment_registry.documents.changes import (
    DISRUPTIVE,
    IMPOSSIBLE,
    OFF_IS_DISRUPTIVE,
    ZERO_IS_DISRUPTIVE,
)
from services.environment_registry.documents.versions import LOWER_IS_IMPOSSIBLE
from tests.unit.environment_registry.written_documents import OWN_NETWORK, SMALL, parsed

# Its bounds depend on the version that the cluster has, not on the document's.
KUBERNETES = "cluster.version"
# Fields of messages in lists and maps are the field that holds them, but for those of node groups.
SAID = {
    one.path.replace("[]", ""): one.change
    for one in comments.fields(comments.read())
    if one.change and "[]" not in one.path.removeprefix("cluster.node_groups[].")
}


def test_every_field_says_what_a_change_of_it_does() -> None:
    messages = {"cloud", "cluster", "network", "data", "beta9", "beta9.workers", "state", "state.gcs"}
    messages |= {f"data.{store}" for store in ("postgres", "redis", "object_store")}
    messages |= {"cluster.system_nodes", "cluster.node_groups"}
    for one in comments.fields(comments.read()):
        assert bool(one.change) != (one.path in messages), one.path
        assert one.path in messages or one.required or one.default or one.kind.startswith("map") or one.repeated, (
            one.path
        )


@pytest.mark.parametrize("path", SAID)
def test_the_tables_say_what_the_contract_says(path: str) -> None:
    head, _, rest = SAID[path].partition("; ")
    word = next(one for one in ("in place", "disruptive", "impossible") if re.match(rf"{one}\b", head))
    found = "impossible" if path in IMPOSSIBLE else "disruptive" if path in DISRUPTIVE else "in place"
    assert found == word
    assert ("impossible" in rest) == (path in LOWER_IS_IMPOSSIBLE or path == KUBERNETES)
    assert ("disruptive" in rest) == (path in ZERO_IS_DISRUPTIVE | OFF_IS_DISRUPTIVE)


def test_the_tables_have_no_field_that_the_contract_has_not() -> None:
    assert SAID.keys() >= IMPOSSIBLE | DISRUPTIVE | LOWER_IS_IMPOSSIBLE | ZERO_IS_DISRUPTIVE | OFF_IS_DISRUPTIVE
    assert not IMPOSSIBLE & DISRUPTIVE


def changes(text: str, change: Callable[[pb.EnvironmentSpec], object], kubernetes: str = "") -> dict[str, Change]:
    present, wished = parsed(text), parsed(text)
    change(wished)
    found = field_changes(present, wished, kubernetes)
    assert all(bool(one.why) == (one.change is Change.IMPOSSIBLE) for one in found)
    return {one.path: one.change for one in found}


def setting(path: str, value: object) -> Callable[[pb.EnvironmentSpec], object]:
    def change(spec: pb.EnvironmentSpec) -> None:
        message: object = spec
        *parents, last = path.split(".")
        for parent in parents:
            message = getattr(message, parent)
        setattr(message, last, value)

    return change


@pytest.mark.parametrize(
    "path_and_value",
    [
        ("network.cidr", "10.0.0.0/16"),
        ("network.zone_count", 2),
        ("data.postgres.version", "17"),
        ("data.redis.engine", pb.CACHE_ENGINE_VALKEY),
        ("data.redis.engine", pb.CACHE_ENGINE_UNSPECIFIED),
        ("data.redis.version", "8.0"),
    ],
)
def test_to_write_a_default_down_is_no_change(path_and_value: tuple[str, object]) -> None:
    assert changes(SMALL, setting(*path_and_value)) == {}


def test_storage_goes_down_with_a_smaller_size_unless_it_is_said() -> None:
    large = "data { postgres { size: SIZE_LARGE } }"
    size, storage = "data.postgres.size", "data.postgres.storage_gb"
    assert changes(large, setting(size, pb.SIZE_SMALL)) == {size: Change.DISRUPTIVE, storage: Change.IMPOSSIBLE}

    def smaller(spec: pb.EnvironmentSpec) -> None:
        spec.data.postgres.size = pb.SIZE_SMALL
        spec.data.postgres.storage_gb = 500

    assert changes(large, smaller) == {size: Change.DISRUPTIVE}
    assert changes("", setting(size, pb.SIZE_MEDIUM)) == {size: Change.DISRUPTIVE, storage: Change.IN_PLACE}


@pytest.mark.parametrize(
    ("path", "value", "change"),
    [
        ("data.redis.version", "7.2", Change.IMPOSSIBLE),
        ("data.redis.engine", pb.CACHE_ENGINE_REDIS, Change.IMPOSSIBLE),
        ("data.postgres.version", "16", Change.IMPOSSIBLE),
        ("data.postgres.version", "18", Change.DISRUPTIVE),
        ("data.postgres.backup_retention_days", 0, Change.DISRUPTIVE),
        ("data.postgres.backup_retention_days", 8, Change.IN_PLACE),
        ("network.cidr", "10.1.0.0/16", Change.IMPOSSIBLE),
        ("cloud.kms_key_arn", "x", Change.IMPOSSIBLE),
        ("deletion_protection", True, Change.IN_PLACE),
        ("beta9.workers.gpu_enabled", True, Change.IN_PLACE),
    ],
)
def test_what_a_value_means_beside_the_default(path: str, value: object, change: Change) -> None:
    assert changes("", setting(path, value))[path] is change


def test_workers_that_are_taken_away_end() -> None:
    gpu = "beta9.workers.gpu_enabled"
    assert changes(OWN_NETWORK, setting(gpu, False)) == {gpu: Change.DISRUPTIVE}


def test_redis_becomes_valkey_with_its_version() -> None:
    def valkey(spec: pb.EnvironmentSpec) -> None:
        spec.data.redis.engine = pb.CACHE_ENGINE_VALKEY
        spec.data.redis.ClearField("version")

    found = changes(OWN_NETWORK, valkey)
    assert found == {"data.redis.engine": Change.DISRUPTIVE, "data.redis.version": Change.DISRUPTIVE}


def test_node_groups_are_told_apart_by_their_names() -> None:
    def change(spec: pb.EnvironmentSpec) -> None:
        spot, h100, _ = (pb.NodeGroupSpec.FromString(one.SerializeToString()) for one in spec.cluster.node_groups)
        spot.max_size = 20
        h100.disk_gb = 500
        del spec.cluster.node_groups[:]
        spec.cluster.node_groups.extend([pb.NodeGroupSpec(name="new"), h100, spot])

    assert changes(OWN_NETWORK, change) == {
        "cluster.node_groups[cpu-spot].max_size": Change.IN_PLACE,
        "cluster.node_groups[h100].disk_gb": Change.DISRUPTIVE,
        "cluster.node_groups[b300].name": Change.DISRUPTIVE,
        "cluster.node_groups[new]": Change.IN_PLACE,
    }


@pytest.mark.parametrize(
    ("present", "wished", "change"),
    [
        ("1.34", "1.35", Change.DISRUPTIVE),
        ("1.33", "1.35", Change.IMPOSSIBLE),
        ("1.36", "1.35", Change.IMPOSSIBLE),
        ("", "1.36", Change.DISRUPTIVE),
    ],
)
def test_kubernetes_goes_up_by_one(present: str, wished: str, change: Change) -> None:
    assert changes(SMALL, setting(KUBERNETES, wished), present) == {KUBERNETES: change}
