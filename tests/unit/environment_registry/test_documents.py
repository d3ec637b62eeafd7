"""The document's rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf import text_format
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.failures import Failure, Kind
from services.environment_registry.documents import check_document

VALID = """
cloud { provider: PROVIDER_AWS region: "eu-central-1" account_id: "123456789012"
        role_arn: "arn:aws:iam::123456789012:role/path/Beta9Provisioner" external_id: "issued" }
cluster { profile: PROFILE_SMALL node_labels { key: "team.example/name" value: "ml" } }
data { postgres { size: SIZE_SMALL multi_az: false backup_retention_days: 0 storage_gb: 20 }
       redis { size: SIZE_SMALL ha: false num_replicas: 0 }
       object_store { bucket_prefix: "beta9" versioning: false lifecycle_days: 1 } }
beta9 { domain: "beta9.example.com" version: "0.1.762" enable_metrics: false enable_logging: false
        workers { min_workers: 0 max_workers: 1 } }
"""


def parsed(text: str) -> pb.EnvironmentSpec:
    return text_format.Parse(text, pb.EnvironmentSpec())


def violations(spec: pb.EnvironmentSpec) -> dict[str, str]:
    """The reason of each field that is refused."""
    with pytest.raises(Failure) as caught:
        check_document(spec, issued_external_id="issued")
    assert caught.value.kind is Kind.INVALID_ARGUMENT
    assert caught.value.remedy
    for violation in caught.value.violations:
        assert violation.description[-1] == "."
    return {violation.field: violation.reason for violation in caught.value.violations}


def test_everything_that_is_built_is_accepted() -> None:
    check_document(parsed(VALID), issued_external_id="issued")


@pytest.mark.parametrize(
    "field",
    ["postgres.size", "redis.size"],
)
@pytest.mark.parametrize("size", [pb.SIZE_MEDIUM, pb.SIZE_LARGE])
def test_sizes_that_are_not_built(field: str, size: pb.Size) -> None:
    spec = parsed(VALID)
    store = spec.data.postgres if field.startswith("postgres") else spec.data.redis
    store.size = size
    assert violations(spec) == {f"environment.spec.data.{field}": "DOCUMENT_NOT_SUPPORTED"}


Change = Callable[[pb.EnvironmentSpec], object]


def set_to(path: str, value: object) -> Change:
    def change(spec: pb.EnvironmentSpec) -> None:
        message: object = spec
        *parents, last = path.split(".")
        for parent in parents:
            message = getattr(message, parent)
        setattr(message, last, value)

    return change


NOT_BUILT: list[tuple[str, Change]] = [
    ("cluster.profile", set_to("cluster.profile", pb.PROFILE_MEDIUM)),
    ("cluster.profile", set_to("cluster.profile", pb.PROFILE_LARGE)),
    ("cluster.use_existing", set_to("cluster.use_existing", True)),
    ("cluster.node_taints", lambda spec: spec.cluster.node_taints.add(key="a")),
    ("beta9.workers.gpu_enabled", set_to("beta9.workers.gpu_enabled", True)),
    ("cloud.region", set_to("cloud.region", "us-gov-west-1")),
    ("cloud.region", set_to("cloud.region", "cn-north-1")),
    ("cloud.tags", lambda spec: spec.cloud.tags.update({"team": "ml"})),
    ("network", lambda spec: spec.network.SetInParent()),
    ("deletion_protection", set_to("deletion_protection", False)),
    ("cluster.node_groups", lambda spec: spec.cluster.node_groups.add(name="more")),
    ("data.redis.engine", set_to("data.redis.engine", pb.CACHE_ENGINE_VALKEY)),
]


@pytest.mark.parametrize(("field", "change"), NOT_BUILT)
def test_what_is_not_built_is_refused_by_name(field: str, change: Change) -> None:
    spec = parsed(VALID)
    change(spec)
    assert violations(spec) == {f"environment.spec.{field}": "DOCUMENT_NOT_SUPPORTED"}


def test_google_cloud_is_refused_by_name_alone() -> None:
    spec = parsed('cloud { provider: PROVIDER_GCP service_account: "a@b" } beta9 { domain: "beta9.example.com" }')
    assert violations(spec) == {"environment.spec.cloud.provider": "DOCUMENT_NOT_SUPPORTED"}


WRONG: list[tuple[str, object]] = [
    ("cloud.provider", 9),
    ("cloud.region", "us east 1"),
    ("cloud.account_id", "12345678901"),
    ("cloud.role_arn", "arn:aws:iam::123456789012:user/x"),
    ("cloud.role_arn", "arn:aws:iam::999999999999:role/x"),
    ("cloud.role_arn", "arn:aws:iam::123456789012:role/${x}"),
    ("cloud.service_account", "a@b"),
    ("cloud.external_id", "another"),
    ("cluster.profile", 9),
    ("cluster.existing_cluster_name", "mine"),
    ("data.postgres.backup_retention_days", 36),
    ("data.postgres.backup_retention_days", -1),
    ("data.postgres.storage_gb", 19),
    ("data.redis.num_replicas", 6),
    ("data.object_store.bucket_prefix", ""),
    ("data.object_store.bucket_prefix", "under_score"),
    ("data.object_store.bucket_prefix", "x" * 31),
    ("data.object_store.lifecycle_days", 0),
    ("beta9.domain", ""),
    ("beta9.domain", "localhost"),
    ("beta9.domain", "Beta9.example.com"),
    ("beta9.domain", "a.${file}.com"),
    ("beta9.domain", f"{'a' * 64}.example.com"),
    ("beta9.version", ""),
    ("beta9.version", "1.2"),
    ("beta9.workers.gpu_type", pb.GPU_TYPE_T4),
    ("beta9.workers.gpu_type", 99),
    ("beta9.workers.min_workers", -1),
    ("beta9.workers.min_workers", 2),
    ("beta9.workers.max_workers", 1001),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_is_wrong_is_refused_by_name(field: str, value: object) -> None:
    spec = parsed(VALID)
    set_to(field, value)(spec)
    assert violations(spec) == {f"environment.spec.{field}": "DOCUMENT_INVALID"}


def test_high_availability_needs_a_replica() -> None:
    spec = parsed(VALID)
    spec.data.redis.ClearField("ha")
    assert violations(spec) == {"environment.spec.data.redis.num_replicas": "DOCUMENT_INVALID"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", "x"),
        ("a b", "x"),
        ("kubernetes.io/role", "x"),
        ("node.kubernetes.io/role", "x"),
        ("eks.amazonaws.com/x", "x"),
        ("a", "x y"),
        ("a", "${x}"),
        ("/a", "x"),
        ("a/b/c", "x"),
    ],
)
def test_labels_that_kubernetes_or_the_platform_refuses(key: str, value: str) -> None:
    spec = parsed(VALID)
    spec.cluster.node_labels[key] = value
    assert violations(spec) == {f"environment.spec.cluster.node_labels[{key!r}]": "DOCUMENT_INVALID"}


def test_wrong_and_not_built_are_told_together_as_wrong() -> None:
    spec = parsed(VALID)
    spec.cluster.use_existing = True
    spec.beta9.domain = ""
    with pytest.raises(Failure) as caught:
        check_document(spec, issued_external_id="issued")
    assert caught.value.reason == "DOCUMENT_INVALID"
    assert violations(spec) == {
        "environment.spec.cluster.use_existing": "DOCUMENT_NOT_SUPPORTED",
        "environment.spec.beta9.domain": "DOCUMENT_INVALID",
    }


def test_an_external_id_before_one_was_issued_is_wrong() -> None:
    with pytest.raises(Failure, match="external_id"):
        check_document(parsed(VALID), issued_external_id="")
