"""The customer's document as a stack's input: every field, every default, and nothing that is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec, GpuType, NodeGroupSpec

from libs.failures import Failure
from services.infra_engine.documents import stack_input
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.aws.gpu import INSTANCE_TYPES
from services.infra_engine.stacks.definition import BUILT_IN
from services.infra_engine.stacks.stack_input import SYSTEM, AwsAccount, AwsCalls, Cluster, NodeGroup, StackInput, Taint

SETTINGS = EngineSettings.read({"PROVISIONING_S3_PATH_STYLE": "true", "PROVISIONING_AWS_MAX_RETRIES": "3"})
ROLE = "arn:aws:iam::123456789012:role/Provisioner"
LEAST = {
    "cloud": {"provider": "PROVIDER_AWS", "region": "us-east-1", "accountId": "123456789012", "roleArn": ROLE},
    "beta9": {"domain": "beta9.example.com"},
}
EXPECTED = StackInput(
    workspace="acme",
    environment="prod",
    uid="e1",
    account=AwsAccount("123456789012", "us-east-1", ROLE, "ext-1"),
    domain="beta9.example.com",
    aws_calls=AwsCalls(s3_path_style=True, max_retries=3),
)


def read(document: Mapping[str, Any], *, external_id: str = "ext-1", settings: EngineSettings = SETTINGS) -> StackInput:
    spec = ParseDict(dict(document), EnvironmentSpec())
    return stack_input(spec, workspace="acme", environment="prod", uid="e1", external_id=external_id, settings=settings)


def with_field(path: str, value: object) -> dict[str, Any]:
    """The least document with one more field, by its proto path."""
    document: dict[str, Any] = {name: dict(part) for name, part in LEAST.items()}
    *parents, leaf = path.split(".")
    part: dict[str, Any] = reduce(lambda part, name: part.setdefault(name, {}), parents, document)
    part[leaf] = value
    return document


def test_what_the_least_document_does_not_say_has_the_contract_s_defaults() -> None:
    found = read(LEAST)
    assert found == EXPECTED
    # The contract's own words, so that a default cannot move in both places at once unseen.
    assert (found.cluster.profile, found.cluster.system_nodes) == ("small", NodeGroup(SYSTEM))
    postgres, redis, store = found.postgres, found.redis, found.object_store
    assert (postgres.size, postgres.multi_az, postgres.backup_retention_days, postgres.storage_gb) == (
        "small", True, 7, None,
    )  # fmt: skip
    assert (redis.size, redis.ha, redis.num_replicas) == ("small", True, None)
    assert (store.bucket_prefix, store.versioning, store.lifecycle_days) == ("beta9", True, 90)


KEY = "arn:aws:kms:us-east-1:123456789012:key/a"
BOUNDARY = "arn:aws:iam::123456789012:policy/b"
RESERVATION = "cr-0123456789abcdef0"
SYSTEM_AT = "cluster.system_nodes"
GROUPS_AT = "cluster.node_groups"
# Each field that the engine reads: a value that is not the default (zero and false too), and where it arrives.
FIELDS: list[tuple[str, object, str, object]] = [
    ("cloud.region", "eu-west-1", "account.region", "eu-west-1"),
    ("cloud.account_id", "210987654321", "account.account_id", "210987654321"),
    ("cloud.role_arn", f"{ROLE}2", "account.role_arn", f"{ROLE}2"),
    ("cloud.tags", {"team": "ml"}, "tags", {"team": "ml"}),
    ("cloud.permissions_boundary_arn", BOUNDARY, "permissions_boundary_arn", BOUNDARY),
    ("cloud.kms_key_arn", KEY, "kms_key_arn", KEY),
    ("deletion_protection", True, "deletion_protection", True),
    ("beta9.domain", "b9.example.org", "domain", "b9.example.org"),
    ("network.cidr", "10.9.0.0/16", "network.cidr", "10.9.0.0/16"),
    ("network.zone_count", 3, "network.zone_count", 3),
    ("network.nat", "NAT_MODE_PER_ZONE", "network.nat_per_zone", True),
    ("network.existing_private_subnet_ids", ["subnet-1"], "network.existing_private_subnet_ids", ("subnet-1",)),
    ("network.existing_public_subnet_ids", ["subnet-2"], "network.existing_public_subnet_ids", ("subnet-2",)),
    ("network.flow_logs", False, "network.flow_logs", False),
    ("network.log_retention_days", 1, "network.log_retention_days", 1),
    ("cluster.profile", "PROFILE_MEDIUM", "cluster.profile", "medium"),
    ("cluster.profile", "PROFILE_LARGE", "cluster.profile", "large"),
    ("cluster.version", "1.36", "cluster.version", "1.36"),
    ("cluster.support", "SUPPORT_STANDARD", "cluster.support", "STANDARD"),
    ("cluster.endpoint_access", "ENDPOINT_ACCESS_PRIVATE", "cluster.public_endpoint", False),
    ("cluster.public_access_cidrs", ["1.0.0.0/8"], "cluster.public_access_cidrs", ("1.0.0.0/8",)),
    ("cluster.node_labels", {"team": "ml"}, f"{SYSTEM_AT}.labels", {"team": "ml"}),
    (
        "cluster.node_taints", [{"key": "a", "value": "b", "effect": "TAINT_EFFECT_NO_EXECUTE"}], f"{SYSTEM_AT}.taints",
        (Taint("a", "b", "NO_EXECUTE"),),
    ),
    (f"{SYSTEM_AT}.instance_types", ["m7i.large"], f"{SYSTEM_AT}.instance_types", ("m7i.large",)),
    (f"{SYSTEM_AT}.min_size", 0, f"{SYSTEM_AT}.min_size", 0),
    (f"{SYSTEM_AT}.max_size", 9, f"{SYSTEM_AT}.max_size", 9),
    (f"{SYSTEM_AT}.desired_size", 0, f"{SYSTEM_AT}.desired_size", 0),
    (f"{SYSTEM_AT}.disk_gb", 20, f"{SYSTEM_AT}.disk_gb", 20),
    (f"{SYSTEM_AT}.capacity_type", "CAPACITY_TYPE_SPOT", f"{SYSTEM_AT}.capacity_type", "SPOT"),
    (f"{SYSTEM_AT}.capacity_reservation_id", RESERVATION, f"{SYSTEM_AT}.capacity_reservation_id", RESERVATION),
    ("data.postgres.size", "SIZE_MEDIUM", "postgres.size", "medium"),
    ("data.postgres.size", "SIZE_LARGE", "postgres.size", "large"),
    ("data.postgres.multi_az", False, "postgres.multi_az", False),
    ("data.postgres.backup_retention_days", 0, "postgres.backup_retention_days", 0),
    ("data.postgres.backup_retention_days", 35, "postgres.backup_retention_days", 35),
    ("data.postgres.storage_gb", 65536, "postgres.storage_gb", 65536),
    ("data.postgres.max_storage_gb", 65536, "postgres.max_storage_gb", 65536),
    ("data.postgres.instance_class", "db.r7g.large", "postgres.instance_class", "db.r7g.large"),
    ("data.postgres.version", "18", "postgres.version", "18"),
    ("data.postgres.backup_window", "03:00-04:00", "postgres.backup_window", "03:00-04:00"),
    ("data.postgres.maintenance_window", "sun:05:00-sun:06:00", "postgres.maintenance_window", "sun:05:00-sun:06:00"),
    ("data.postgres.final_snapshot", False, "postgres.keep_final_snapshot", False),
    ("data.redis.size", "SIZE_LARGE", "redis.size", "large"),
    ("data.redis.ha", False, "redis.ha", False),
    ("data.redis.num_replicas", 0, "redis.num_replicas", 0),
    ("data.redis.num_replicas", 5, "redis.num_replicas", 5),
    ("data.redis.engine", "CACHE_ENGINE_REDIS", "redis.engine", "redis"),
    ("data.redis.version", "7.2", "redis.version", "7.2"),
    ("data.redis.node_type", "cache.r7g.large", "redis.node_type", "cache.r7g.large"),
    ("data.redis.snapshot_retention_days", 0, "redis.snapshot_retention_days", 0),
    ("data.redis.snapshot_window", "03:00-04:00", "redis.snapshot_window", "03:00-04:00"),
    ("data.redis.maintenance_window", "sun:05:00-sun:06:00", "redis.maintenance_window", "sun:05:00-sun:06:00"),
    ("data.object_store.bucket_prefix", "acme", "object_store.bucket_prefix", "acme"),
    ("data.object_store.versioning", False, "object_store.versioning", False),
    ("data.object_store.lifecycle_days", 3650, "object_store.lifecycle_days", 3650),
    ("state.bucket", "acme-states", "state.bucket", "acme-states"),
    ("state.gcs.bucket", "acme-states", "state.in_s3", False),
    ("state.kms_key_arn", "arn:aws:kms:x", "state.kms_key_arn", "arn:aws:kms:x"),
    ("state.dynamodb_table", "locks", "state.lock_table", "locks"),
]  # fmt: skip
# Fields that arrive with others, each with a test of its own below.
TOGETHER = {
    "network.zone_ids", "network.existing_vpc_id", "cluster.use_existing", "cluster.existing_cluster_name", GROUPS_AT,
    "beta9.workers.gpu_enabled", "beta9.workers.gpu_type", "beta9.workers.min_workers", "beta9.workers.max_workers",
    "beta9.workers.gpu_count", "beta9.workers.capacity_type", "beta9.workers.capacity_reservation_id",
}  # fmt: skip
# What others read: the cloud's choice and its external id the registry, the installation the bootstrapper, and the
# choice for a destroy the flow.
ELSEWHERE = {
    "state.retention_days", "state.gcs.prefix",
    "data.object_store.workspace_buckets",
    "cloud.provider", "cloud.external_id", "beta9.version", "beta9.enable_metrics", "beta9.enable_logging",
}  # fmt: skip
# What the registry refuses in every document: Google's, and what system nodes have from the cluster.
REFUSED = {"cloud.service_account"} | {
    f"{SYSTEM_AT}.{name}" for name in ("name", "labels", "taints", "gpu_type", "gpu_count")
}


@pytest.mark.parametrize(("path", "value", "place", "expected"), FIELDS, ids=lambda value: str(value)[:40])
def test_a_field_arrives_where_the_stack_reads_it(path: str, value: object, place: str, expected: object) -> None:
    found = read(with_field(path, value))
    assert reduce(getattr, place.split("."), found) == expected
    assert found != EXPECTED
    # It changes that alone.
    part, _, leaf = place.partition(".")
    if not leaf:
        assert replace(found, **{part: getattr(EXPECTED, part)}) == EXPECTED
    elif "." not in leaf:
        restored = replace(getattr(found, part), **{leaf: getattr(getattr(EXPECTED, part), leaf)})
        assert replace(found, **{part: restored}) == EXPECTED
    else:
        assert replace(found, cluster=Cluster()) == EXPECTED


def leaves(message: Any, prefix: str = "") -> Iterator[str]:
    """The paths of every field below, to lists, maps and scalars."""
    for field in message.fields:
        path = f"{prefix}{field.name}"
        if field.message_type is None or field.is_repeated:
            yield path
        else:
            yield from leaves(field.message_type, f"{path}.")


def test_every_field_of_the_contract_is_read_here_or_elsewhere_or_refused_by_name() -> None:
    read_here = {path for path, *_ in FIELDS}
    for path in leaves(EnvironmentSpec.DESCRIPTOR):
        places = [path in read_here, path in TOGETHER, path in ELSEWHERE, path in REFUSED]
        assert sum(places) == 1, f"{path}: read alone, with others, elsewhere, refused: {places}"
    assert read_here | TOGETHER | ELSEWHERE | REFUSED <= set(leaves(EnvironmentSpec.DESCRIPTOR))


def test_zones_that_are_named_are_counted() -> None:
    found = read(with_field("network.zone_ids", ["use1-az1", "use1-az2", "use1-az4"]))
    assert found == replace(
        EXPECTED, network=replace(EXPECTED.network, zone_ids=("use1-az1", "use1-az2", "use1-az4"), zone_count=3)
    )


def test_traffic_of_a_vpc_of_the_customer_s_is_recorded_when_it_is_asked_for() -> None:
    document = with_field("network.existing_vpc_id", "vpc-1")
    expected = replace(EXPECTED, network=replace(EXPECTED.network, existing_vpc_id="vpc-1", flow_logs=False))
    assert read(document) == expected
    document["network"]["flowLogs"] = True
    assert read(document) == replace(expected, network=replace(expected.network, flow_logs=True))


def test_a_cluster_of_the_customer_s_is_named() -> None:
    document = with_field("cluster.use_existing", True)
    document["cluster"]["existing_cluster_name"] = "mine"
    assert read(document) == replace(
        EXPECTED,
        cluster=replace(EXPECTED.cluster, existing_name="mine"),
        network=replace(EXPECTED.network, flow_logs=False),
    )
    del document["cluster"]["use_existing"]
    assert read(document) == EXPECTED


def test_every_field_of_a_node_group_arrives() -> None:
    group: dict[str, Any] = {
        "name": "mine", "instance_types": ["p5.48xlarge"], "min_size": 0, "max_size": 4, "desired_size": 0,
        "disk_gb": 500, "capacity_type": "CAPACITY_TYPE_CAPACITY_BLOCK", "labels": {"a": "b"},
        "taints": [{"key": "t", "effect": "TAINT_EFFECT_PREFER_NO_SCHEDULE"}], "capacity_reservation_id": RESERVATION,
        "gpu_type": "GPU_TYPE_H100", "gpu_count": 8,
    }  # fmt: skip
    assert {field.name for field in NodeGroupSpec.DESCRIPTOR.fields} == group.keys()
    expected = NodeGroup(
        "mine", ("p5.48xlarge",), 0, 4, 0, 500, "CAPACITY_BLOCK", {"a": "b"}, (Taint("t", "", "PREFER_NO_SCHEDULE"),),
        RESERVATION, "H100", 8,
    )  # fmt: skip
    assert read(with_field(GROUPS_AT, [group, {"name": "least"}])) == replace(
        EXPECTED, cluster=replace(EXPECTED.cluster, node_groups=(expected, NodeGroup("least")))
    )


def test_gpu_workers_are_a_group_when_they_are_enabled() -> None:
    workers: dict[str, Any] = {
        "gpu_type": "GPU_TYPE_A100_80", "min_workers": 0, "max_workers": 3, "gpu_count": 8,
        "capacity_type": "CAPACITY_TYPE_SPOT", "capacity_reservation_id": RESERVATION,
    }  # fmt: skip
    assert read(with_field("beta9.workers", workers)) == EXPECTED
    expected = NodeGroup(
        "gpu", min_size=0, max_size=3, capacity_type="SPOT", capacity_reservation_id=RESERVATION, gpu_type="A100-80",
        gpu_count=8,
    )  # fmt: skip
    assert read(with_field("beta9.workers", {**workers, "gpu_enabled": True})).cluster.node_groups == (expected,)
    least = {"gpu_enabled": True, "gpu_type": "GPU_TYPE_T4"}
    assert read(with_field("beta9.workers", least)).cluster.node_groups == (
        NodeGroup("gpu", min_size=1, max_size=10, gpu_type="T4"),
    )


def test_every_gpu_of_the_contract_has_beta9_s_name_and_the_stack_knows_it() -> None:
    names = set()
    for number in GpuType.values()[1:]:
        workers = {"gpu_enabled": True, "gpu_type": number}
        names.add(read(with_field("beta9.workers", workers)).cluster.node_groups[0].gpu_type)
    assert names == INSTANCE_TYPES.keys()


@pytest.mark.parametrize("path", ["cluster.profile", "data.postgres.size", "data.redis.size"])
def test_a_choice_of_a_later_release_is_refused_by_the_field_s_name(path: str) -> None:
    with pytest.raises(ValueError, match=f"^{path} is 99, which this release does not know"):
        read(with_field(path, 99))
    assert read(with_field(path, 0)) == EXPECTED


def test_what_is_not_of_the_document_comes_from_the_request_and_the_settings() -> None:
    assert read(LEAST, external_id="").account.external_id is None
    # The document's own is checked by the registry; what is used is what travels with the request.
    assert read(with_field("cloud.external_id", "other")).account.external_id == "ext-1"
    plain = read(LEAST, settings=EngineSettings.read({}))
    assert (plain.aws_calls, plain.stack) == (AwsCalls(s3_path_style=False, max_retries=25), "beta9")
    assert read(LEAST, settings=EngineSettings.read({"PROVISIONING_STACK": "tiny"})).stack == "tiny"


def test_settings_have_defaults_and_add_stacks() -> None:
    plain = EngineSettings.read({})
    assert (plain.work_dir, plain.stacks) == (Path("/var/lib/beta9-provisioning"), dict(BUILT_IN))
    assert plain.synthesis_idle_seconds == 20
    empty = {"PROVISIONING_S3_PATH_STYLE": "", "PROVISIONING_AWS_MAX_RETRIES": "", "PROVISIONING_STACKS": ""}
    assert EngineSettings.read(empty) == plain
    told = EngineSettings.read(
        {
            "PROVISIONING_STATE_DIR": "/data",
            "PROVISIONING_STACKS": "tiny=stacks.tiny:STACK,,other=a.b:C",
            "PROVISIONING_SYNTHESIS_IDLE_SECONDS": "1.5",
        }
    )
    assert (told.work_dir, told.synthesis_idle_seconds) == (Path("/data"), 1.5)
    assert dict(told.stacks) == {**BUILT_IN, "tiny": "stacks.tiny:STACK", "other": "a.b:C"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROVISIONING_S3_PATH_STYLE", "True"),
        ("PROVISIONING_AWS_MAX_RETRIES", "many"),
        ("PROVISIONING_AWS_MAX_RETRIES", "-1"),
        ("PROVISIONING_SYNTHESIS_IDLE_SECONDS", "nan"),
        ("PROVISIONING_STACKS", "tiny"),
        ("PROVISIONING_STACKS", "tiny=module"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(Failure, match=f"SETTING_INVALID: The environment variable {name} is '{value}', which is not"):
        EngineSettings.read({name: value})
