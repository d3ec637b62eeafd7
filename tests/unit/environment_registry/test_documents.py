"""The document's rules, field by field and between fields."""

from __future__ import annotations

from typing import Any

import pytest
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.failures import Failure, Kind
from services.environment_registry.documents import check_document
from tests.unit.environment_registry.written_documents import (
    ALL,
    BETA9,
    CLOUD,
    OWN_CLUSTER,
    OWN_NETWORK,
    OWN_VPC,
    SMALL,
    parsed,
    violations,
    with_field,
)

INVALID = "DOCUMENT_INVALID"
NOT_SUPPORTED = "DOCUMENT_NOT_SUPPORTED"


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_everything_that_is_built_is_accepted(text: str) -> None:
    assert violations(parsed(text)) == {}


GROUP = "cluster.node_groups[0]"
RIGHT: list[tuple[str, Any]] = [
    ("cloud.region", "us-east-1"),
    ("cloud.kms_key_arn", "arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012"),
    ("cluster.profile", pb.PROFILE_MEDIUM),
    ("cluster.version", "1.36"),
    ("cluster.public_access_cidrs", []),
    ("cluster.public_access_cidrs", ["0.0.0.0/0"]),
    (f"{GROUP}.instance_types", ["g5.xlarge", "g4dn.xlarge", "g6e.xlarge", "u-6tb1.56xlarge", "p6-b200.48xlarge"]),
    (f"{GROUP}.labels", {"a" * 63: "b" * 63}),
    ("data.postgres.size", pb.SIZE_MEDIUM),
    ("data.redis.size", pb.SIZE_LARGE),
    ("data.redis.version", "7.0"),
    ("data.postgres.maintenance_window", "mon:00:30-mon:02:00"),
    ("data.redis.snapshot_window", "22:30-23:30"),
    ("beta9.version", "gateway-0.1.762"),
    ("state.bucket", "a1b"),
    ("state.retention_days", 1),
    ("state.retention_days", 3650),
    *(("beta9.workers.gpu_type", number) for number in pb.GpuType.values() if number),
]


@pytest.mark.parametrize(("path", "value"), RIGHT, ids=str)
def test_the_limits_are_included(path: str, value: Any) -> None:
    spec = with_field(OWN_NETWORK, path, value)
    found = violations(spec)
    # Another region only makes zones and key those of another one.
    assert not {field for field in found if path != "cloud.region" or ("zone" not in field and "kms" not in field)}


TAGS = "cloud.tags"
OWN_TAGS = (
    "Environment", "EnvironmentId", "ManagedBy", "Beta9Domain", "Workspace", "workspace", "Name", "aws:x", "AWS:x",
    "kubernetes.io/cluster/x", "k8s.io/x", "node.kubernetes.io/x", "eks:x",
)  # fmt: skip
KEY = "arn:aws:kms:eu-central-1:123456789012:key/a"
# What is changed in the long document, to what, and which field is refused for it where that is another one.
WRONG: list[tuple[str, Any] | tuple[str, Any, str]] = [
    ("cloud.provider", 0),
    ("cloud.provider", 9),
    ("cloud.region", "us east 1"),
    ("cloud.region", ""),
    ("cloud.account_id", "12345678901"),
    ("cloud.account_id", "\uff11" * 12),
    ("cloud.role_arn", ""),
    ("cloud.role_arn", "arn:aws:iam::123456789012:user/x"),
    ("cloud.role_arn", "arn:aws:iam::999999999999:role/x"),
    ("cloud.role_arn", "arn:aws:iam::123456789012:role/${x}"),
    ("cloud.service_account", "a@b"),
    ("state.bucket", "Beta9"),
    ("state.bucket", "ab"),
    ("state.bucket", "", "state.retention_days"),
    ("state.retention_days", 0),
    ("state.retention_days", 3651),
    ("state.kms_key_arn", "arn:aws:kms:us-east-1:123456789012:key/a"),
    ("state.kms_key_arn", "alias/state"),
    ("state.dynamodb_table", "a table"),
    ("state.gcs.prefix", "x"),
    ("cloud.external_id", "another"),
    (TAGS, {f"k{number}": "" for number in range(31)}),
    (TAGS, {"": "x"}, f"{TAGS}['']"),
    (TAGS, {"k" * 129: "x"}, f"{TAGS}['{'k' * 80}...']"),
    (TAGS, {"k": "x" * 257}, f"{TAGS}['k']"),
    (TAGS, {"k": "x "}, f"{TAGS}['k']"),
    (TAGS, {"k": "${x}"}, f"{TAGS}['k']"),
    (TAGS, {"k\n": "x"}, f"{TAGS}['k\\n']"),
    (TAGS, {"team": "x", "Team": "x"}, f"{TAGS}['team']"),
    *((TAGS, {key: "x"}, f"{TAGS}['{key}']") for key in OWN_TAGS),
    ("cloud.permissions_boundary_arn", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ("cloud.permissions_boundary_arn", "arn:aws:iam::999999999999:policy/x"),
    ("cloud.kms_key_arn", "arn:aws:kms:eu-central-1:123456789012:alias/a"),
    ("cloud.kms_key_arn", KEY.replace("eu-central-1", "us-east-1")),
    ("cloud.kms_key_arn", KEY.replace("123456789012", "999999999999")),
    ("network.cidr", ""),
    ("network.cidr", "10.0.0.0/15"),
    ("network.cidr", "10.0.0.0/21"),
    ("network.cidr", "10.0.0.1/16"),
    ("network.cidr", "8.8.0.0/16"),
    ("network.cidr", "172.32.0.0/16"),
    ("network.cidr", "fd00::/16"),
    ("network.cidr", "10.0.0.0/255.255.0.0"),
    ("network.zone_count", 2),
    ("network.nat", 9),
    ("network.zone_ids", ["euc1-az1", "euc1-az1", "euc1-az2"], "network.zone_ids[1]"),
    ("network.zone_ids", ["euc1-az1", "euc1-az2", "eu-central-1c"], "network.zone_ids[2]"),
    ("network.zone_ids", ["euc1-az1", "euc1-az2", "use1-az1"], "network.zone_ids[2]"),
    ("network.log_retention_days", 2),
    ("network.log_retention_days", 0),
    ("network.existing_private_subnet_ids", ["subnet-01234567", "subnet-12345678"]),
    ("network.existing_public_subnet_ids", ["subnet-01234567"]),
    ("cluster.profile", 9),
    ("cluster.existing_cluster_name", "mine"),
    ("cluster.version", ""),
    ("cluster.version", "1.9"),
    ("cluster.version", "1.35.4"),
    ("cluster.version", "v1.35"),
    ("cluster.support", 9),
    ("cluster.endpoint_access", 9),
    ("cluster.endpoint_access", pb.ENDPOINT_ACCESS_PRIVATE, "cluster.public_access_cidrs"),
    ("cluster.public_access_cidrs", ["10.0.0.1/8"], "cluster.public_access_cidrs[0]"),
    ("cluster.public_access_cidrs", ["10.0.0.1"], "cluster.public_access_cidrs[0]"),
    ("cluster.public_access_cidrs", ["::/0"], "cluster.public_access_cidrs[0]"),
    ("cluster.public_access_cidrs", ["1.0.0.0/8", "1.0.0.0/8"], "cluster.public_access_cidrs[1]"),
    ("cluster.public_access_cidrs", [f"1.0.0.{number}/32" for number in range(41)]),
    ("cluster.system_nodes.name", "mine"),
    ("cluster.system_nodes.labels", {"a": "b"}),
    ("cluster.system_nodes.taints", [pb.NodeTaint(key="a", effect=pb.TAINT_EFFECT_NO_SCHEDULE)]),
    ("cluster.system_nodes.gpu_type", pb.GPU_TYPE_T4),
    ("cluster.system_nodes.gpu_count", 1),
    ("cluster.system_nodes.min_size", 451),
    ("cluster.system_nodes.desired_size", 2),
    ("cluster.node_groups", [pb.NodeGroupSpec(name=f"g{number}") for number in range(11)]),
    *(
        (f"{GROUP}.name", name)
        for name in ("", "system", "gpu", "default", "build", "Cpu", "1a", "a-", "a_b", "a" * 21, "a\n")
    ),
    ("cluster.node_groups[1].name", "cpu-spot"),
    (f"{GROUP}.instance_types", ["c7i"], f"{GROUP}.instance_types[0]"),
    (f"{GROUP}.instance_types", ["c7i.large", "c7i.large"], f"{GROUP}.instance_types[1]"),
    *(
        (f"{GROUP}.instance_types", [one], f"{GROUP}.instance_types[0]")
        for one in (
            "m7g.large",
            "c6gn.large",
            "t4g.small",
            "a1.large",
            "x2gd.large",
            "g5g.xlarge",
            "is4gen.large",
            "p6e-gb200.36xlarge",
        )
    ),
    (f"{GROUP}.instance_types", [f"m{number}i.large" for number in range(21)]),
    (f"{GROUP}.min_size", -1),
    (f"{GROUP}.max_size", 0),
    (f"{GROUP}.max_size", 451),
    (f"{GROUP}.desired_size", 11),
    (f"{GROUP}.disk_gb", 19),
    (f"{GROUP}.disk_gb", 16385),
    (f"{GROUP}.capacity_type", 9),
    (f"{GROUP}.capacity_reservation_id", "cr-0123456789abcdef0"),  # spot
    (f"{GROUP}.gpu_type", 99),
    (f"{GROUP}.gpu_count", 1),
    (f"{GROUP}.taints", [pb.NodeTaint(key=f"k{number}", effect=1) for number in range(21)]),
    (f"{GROUP}.taints[0].key", "", f"{GROUP}.taints[0].key"),
    (f"{GROUP}.taints[0].key", "kubernetes.io/x"),
    (f"{GROUP}.taints[0].value", "a b"),
    (f"{GROUP}.taints[0].effect", 0),
    (f"{GROUP}.taints[0].effect", 9),
    ("cluster.node_taints[1].effect", pb.TAINT_EFFECT_NO_SCHEDULE, "cluster.node_taints[1]"),
    ("cluster.node_groups[1].capacity_reservation_id", ""),
    ("cluster.node_groups[1].capacity_reservation_id", "cr-1"),
    ("cluster.node_groups[1].gpu_count", 3),
    ("cluster.node_groups[2].gpu_count", 8),
    ("data.postgres.size", 9),
    ("data.postgres.instance_class", ""),
    ("data.postgres.instance_class", "r7g.xlarge"),
    ("data.postgres.version", "14"),
    ("data.postgres.version", "17.2"),
    ("data.postgres.version", ""),
    ("data.postgres.backup_retention_days", 36),
    ("data.postgres.backup_retention_days", -1),
    ("data.postgres.storage_gb", 19),
    ("data.postgres.storage_gb", 501, "data.postgres.max_storage_gb"),
    ("data.postgres.max_storage_gb", 549),
    ("data.postgres.max_storage_gb", 65537),
    ("data.postgres.backup_window", ""),
    ("data.postgres.backup_window", "24:00-25:00"),
    ("data.postgres.backup_window", "03:00-03:29"),
    ("data.postgres.backup_window", "03:00-03:00"),
    ("data.postgres.backup_window", "00:00-00:31"),
    ("data.postgres.maintenance_window", "sun:00:29-sun:02:00", "data.postgres.backup_window"),
    ("data.postgres.maintenance_window", "sun:05:00-sun:05:29"),
    ("data.postgres.maintenance_window", "sun:05:00-mon:06:00"),
    ("data.postgres.maintenance_window", "Sun:05:00-Sun:06:00"),
    ("data.redis.size", 9),
    ("data.redis.num_replicas", 6),
    ("data.redis.num_replicas", 0),
    ("data.redis.engine", 9),
    ("data.redis.engine", pb.CACHE_ENGINE_VALKEY, "data.redis.version"),
    ("data.redis.version", "8.0"),
    ("data.redis.node_type", "r7g.large"),
    ("data.redis.snapshot_retention_days", 36),
    ("data.redis.snapshot_window", "03:00-03:59"),
    ("data.redis.snapshot_window", "23:00-00:01"),
    ("data.redis.maintenance_window", "sun:05:00-sun:05:59"),
    ("data.object_store.bucket_prefix", ""),
    ("data.object_store.bucket_prefix", "under_score"),
    ("data.object_store.bucket_prefix", "x" * 31),
    ("data.object_store.lifecycle_days", 0),
    ("data.object_store.lifecycle_days", 3651),
    ("data.object_store.workspace_buckets", 9),
    ("beta9.domain", ""),
    ("beta9.domain", "localhost"),
    ("beta9.domain", "Beta9.example.com"),
    ("beta9.domain", "a.${file}.com"),
    ("beta9.domain", f"{'a' * 64}.example.com"),
    ("beta9.version", ""),
    ("beta9.version", "1.2"),
    ("beta9.workers.gpu_type", 0),
    ("beta9.workers.gpu_type", 99),
    ("beta9.workers.gpu_count", 3),
    ("beta9.workers.capacity_type", 9),
    ("beta9.workers.capacity_type", pb.CAPACITY_TYPE_SPOT, "beta9.workers.capacity_reservation_id"),
    ("beta9.workers.min_workers", -1),
    ("beta9.workers.min_workers", 451),
    ("beta9.workers.max_workers", 0),
    ("beta9.workers.max_workers", 451),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]}={str(case[1])[:40]!r}")
def test_what_is_wrong_is_refused_by_name(case: Any) -> None:
    path, value, *other = case
    assert violations(with_field(OWN_NETWORK, path, value)) == {(other or [path])[0]: INVALID}


# In a document with a VPC or a cluster of the customer's own.
ELSEWHERE: list[tuple[str, str, Any, str]] = [
    (OWN_VPC, "network.existing_vpc_id", "vpc-1", "network.existing_vpc_id"),
    (OWN_VPC, "network.existing_private_subnet_ids", ["subnet-01234567"], "network.existing_private_subnet_ids"),
    (OWN_VPC, "network.existing_private_subnet_ids", [], "network.existing_private_subnet_ids"),
    (OWN_VPC, "network.existing_private_subnet_ids[1]", "subnet-x", "network.existing_private_subnet_ids[1]"),
    (OWN_VPC, "network.existing_private_subnet_ids[1]", "subnet-01234567", "network.existing_private_subnet_ids[1]"),
    (OWN_VPC, "network.existing_public_subnet_ids[0]", "subnet-01234567", "network.existing_public_subnet_ids[0]"),
    *(
        (text, f"network.{field}", value, f"network.{field}")
        for text in (OWN_VPC, OWN_CLUSTER)
        for field, value in (("cidr", "10.0.0.0/16"), ("zone_count", 2), ("nat", pb.NAT_MODE_SINGLE))
    ),
    (OWN_VPC, "network.zone_ids", ["euc1-az1", "euc1-az2"], "network.zone_ids"),
    (OWN_CLUSTER, "network.existing_vpc_id", "vpc-0123456789abcdef0", "network.existing_vpc_id"),
    (OWN_CLUSTER, "network.existing_private_subnet_ids", ["subnet-01234567"], "network.existing_private_subnet_ids"),
    (OWN_CLUSTER, "cluster.existing_cluster_name", "", "cluster.existing_cluster_name"),
    (OWN_CLUSTER, "cluster.existing_cluster_name", "a b", "cluster.existing_cluster_name"),
    (OWN_CLUSTER, "cluster.version", "1.35", "cluster.version"),
    (OWN_CLUSTER, "cluster.support", pb.SUPPORT_EXTENDED, "cluster.support"),
    (OWN_CLUSTER, "cluster.endpoint_access", pb.ENDPOINT_ACCESS_PRIVATE, "cluster.endpoint_access"),
    (OWN_CLUSTER, "cluster.public_access_cidrs", ["1.0.0.0/8"], "cluster.public_access_cidrs"),
    (OWN_CLUSTER, "cluster.system_nodes.min_size", 1, "cluster.system_nodes"),
    (OWN_CLUSTER, "cluster.node_labels", {"a": "b"}, "cluster.node_labels"),
    (OWN_CLUSTER, "cluster.node_groups[0].name", "gpu", "cluster.node_groups[0].name"),
    (SMALL, "beta9.workers.gpu_type", pb.GPU_TYPE_T4, "beta9.workers.gpu_type"),
    (SMALL, "beta9.workers.gpu_type", 99, "beta9.workers.gpu_type"),
    (SMALL, "beta9.workers.gpu_count", 1, "beta9.workers.gpu_count"),
    (SMALL, "beta9.workers.capacity_type", pb.CAPACITY_TYPE_SPOT, "beta9.workers.capacity_type"),
    (SMALL, "beta9.workers.capacity_reservation_id", "cr-01234567", "beta9.workers.capacity_reservation_id"),
    (SMALL, "beta9.workers.min_workers", 2, "beta9.workers.min_workers"),
    (SMALL, "data.redis.ha", None, "data.redis.num_replicas"),
    (SMALL, "data.postgres.max_storage_gb", 21, "data.postgres.max_storage_gb"),
    (SMALL, "network.zone_count", 4, "network.zone_count"),
    (SMALL, "network.zone_ids", ["euc1-az1"], "network.zone_ids"),
    (SMALL, "network.existing_private_subnet_ids", ["a", "b"], "network.existing_private_subnet_ids"),
]


@pytest.mark.parametrize(("text", "path", "value", "field"), ELSEWHERE, ids=lambda value: str(value)[-40:])
def test_fields_that_do_not_go_together_are_refused_by_name(text: str, path: str, value: Any, field: str) -> None:
    assert violations(with_field(text, path, value)) == {field: INVALID}


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        ("us-east-1", ("use1-az1", "use1-az2")),
        ("ap-southeast-2", ("apse2-az1", "apse2-az3")),
        ("ap-northeast-1", ("apne1-az1", "apne1-az4")),
        ("us-west-2", ("usw2-az1", "usw2-az4")),
        ("ca-central-1", ("cac1-az1", "cac1-az4")),
        ("eu-north-1", ("eun1-az1", "eun1-az2")),
    ],
)
def test_zones_are_those_of_the_region(region: str, zones: tuple[str, ...]) -> None:
    spec = with_field(SMALL, "cloud.region", region)
    spec.network.zone_ids.extend(zones)
    assert violations(spec) == {}
    spec.cloud.region = "sa-east-1"
    assert violations(spec) == {f"network.zone_ids[{index}]": INVALID for index in range(2)}


@pytest.mark.parametrize(
    ("region", "zone", "other"),
    [
        ("us-east-1", "use1-az3", "use1-az1"),
        ("us-west-1", "usw1-az2", "usw1-az1"),
        ("ca-central-1", "cac1-az3", "cac1-az1"),
    ],
)
def test_zones_without_control_planes(region: str, zone: str, other: str) -> None:
    spec = with_field(SMALL, "cloud.region", region)
    spec.network.zone_ids.extend([other, zone])
    assert violations(spec) == {"network.zone_ids[1]": INVALID}


def test_a_capacity_block_is_of_one_type() -> None:
    spec = parsed(OWN_NETWORK)
    group = spec.cluster.node_groups[1]
    group.ClearField("gpu_count")
    group.instance_types.extend(["p5.48xlarge", "p5en.48xlarge"])
    assert violations(spec) == {"cluster.node_groups[1].instance_types": INVALID}
    del group.instance_types[:]
    group.gpu_type = pb.GPU_TYPE_UNSPECIFIED
    assert violations(spec) == {"cluster.node_groups[1].instance_types": INVALID}


@pytest.mark.parametrize(
    ("profile", "given", "well"),
    [
        (pb.PROFILE_SMALL, {"desired_size": 3}, True),
        (pb.PROFILE_SMALL, {"desired_size": 4}, False),
        (pb.PROFILE_LARGE, {"desired_size": 10}, True),
        (pb.PROFILE_LARGE, {"desired_size": 2}, False),
        (pb.PROFILE_LARGE, {"desired_size": 2, "min_size": 2}, True),
        # What is not said gives way.
        (pb.PROFILE_LARGE, {"max_size": 1, "desired_size": 1}, True),
        (pb.PROFILE_SMALL, {"min_size": 20, "desired_size": 20}, True),
    ],
)
def test_sizes_are_weighed_with_the_profile_s(profile: pb.Profile, given: dict[str, int], well: bool) -> None:
    spec = parsed(SMALL)
    spec.cluster.profile = profile
    for name, value in given.items():
        setattr(spec.cluster.system_nodes, name, value)
    assert violations(spec) == ({} if well else {"cluster.system_nodes.desired_size": INVALID})


def test_more_least_than_most_nodes() -> None:
    spec = with_field(OWN_NETWORK, f"{GROUP}.min_size", 3)
    spec.cluster.node_groups[0].max_size = 2
    assert violations(spec) == {f"{GROUP}.min_size": INVALID}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", "x"),
        ("a b", "x"),
        ("a" * 64, "x"),
        ("kubernetes.io/role", "x"),
        ("node.kubernetes.io/role", "x"),
        ("eks.amazonaws.com/x", "x"),
        ("beta9.io/node-group", "x"),
        ("a", ""),
        ("a", "x y"),
        ("a", "x-"),
        ("a", "${x}"),
        ("/a", "x"),
        ("a/b/c", "x"),
        ("a..b/c", "x"),
    ],
)
def test_labels_that_kubernetes_or_the_platform_refuses(key: str, value: str) -> None:
    assert violations(with_field(SMALL, "cluster.node_labels", {key: value})) == {
        f"cluster.node_labels[{key!r}]": INVALID
    }


def test_google_cloud_is_refused_by_name_alone() -> None:
    spec = parsed('cloud { provider: PROVIDER_GCP service_account: "a@b" } beta9 { domain: "beta9.example.com" }')
    assert violations(spec) == {"cloud.provider": NOT_SUPPORTED}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cloud.region", "us-gov-west-1"),
        ("cloud.region", "cn-north-1"),
    ],
)
def test_what_is_not_built_is_refused_by_name(path: str, value: Any) -> None:
    assert violations(with_field(SMALL, path, value)) == {path: NOT_SUPPORTED}


def test_wrong_and_not_built_are_told_together_as_wrong() -> None:
    spec = with_field(SMALL, "cloud.region", "us-gov-west-1")
    spec.beta9.domain = ""
    with pytest.raises(Failure, match=r"cloud\.region, environment\.spec\.beta9\.domain") as caught:
        check_document(spec, issued_external_id="issued")
    assert (caught.value.reason, caught.value.kind) == (INVALID, Kind.INVALID_ARGUMENT)
    assert violations(spec) == {"cloud.region": NOT_SUPPORTED, "beta9.domain": INVALID}


def test_an_external_id_before_one_was_issued_is_wrong() -> None:
    with pytest.raises(Failure, match="external_id"):
        check_document(parsed(SMALL), issued_external_id="")


def test_many_violations_are_told_up_to_what_an_answer_can_carry() -> None:
    spec = parsed(CLOUD + BETA9)
    for number in range(10):
        group = spec.cluster.node_groups.add(name=f"G{number}")
        for other in range(20):
            group.taints.add(key=f"{other} ")
    with pytest.raises(Failure, match=r"and [0-9]+ more") as caught:
        check_document(spec, issued_external_id="issued")
    assert len(caught.value.violations) == 100
    assert len(str(caught.value)) < 2000


def test_a_state_is_kept_in_one_place() -> None:
    found = violations(with_field(OWN_NETWORK, "state.gcs.bucket", "acme"))
    assert set(found) == {f"state.{name}" for name in ("bucket", "retention_days", "kms_key_arn", "dynamodb_table")}
