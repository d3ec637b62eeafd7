"""The customer's document as a stack's input: every field, every default, and nothing that is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec

from libs.failures import Failure
from services.environment_registry.documents import supported
from services.infra_engine.documents import stack_input
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.definition import BUILT_IN
from services.infra_engine.stacks.stack_input import SYSTEM, AwsAccount, AwsCalls, Cluster, NodeGroup, StackInput

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


# Each field that the engine reads: a value that is not the default (zero and false too), and where it arrives.
FIELDS: list[tuple[str, object, str, object]] = [
    ("cloud.region", "eu-west-1", "account.region", "eu-west-1"),
    ("cloud.account_id", "210987654321", "account.account_id", "210987654321"),
    ("cloud.role_arn", f"{ROLE}2", "account.role_arn", f"{ROLE}2"),
    ("beta9.domain", "b9.example.org", "domain", "b9.example.org"),
    ("cluster.profile", "PROFILE_MEDIUM", "cluster.profile", "medium"),
    ("cluster.profile", "PROFILE_LARGE", "cluster.profile", "large"),
    ("cluster.node_labels", {"team": "ml"}, "cluster.system_nodes.labels", {"team": "ml"}),
    ("data.postgres.size", "SIZE_MEDIUM", "postgres.size", "medium"),
    ("data.postgres.size", "SIZE_LARGE", "postgres.size", "large"),
    ("data.postgres.multi_az", False, "postgres.multi_az", False),
    ("data.postgres.backup_retention_days", 0, "postgres.backup_retention_days", 0),
    ("data.postgres.backup_retention_days", 35, "postgres.backup_retention_days", 35),
    ("data.postgres.storage_gb", 65536, "postgres.storage_gb", 65536),
    ("data.redis.size", "SIZE_LARGE", "redis.size", "large"),
    ("data.redis.ha", False, "redis.ha", False),
    ("data.redis.num_replicas", 0, "redis.num_replicas", 0),
    ("data.redis.num_replicas", 5, "redis.num_replicas", 5),
    ("data.object_store.bucket_prefix", "acme", "object_store.bucket_prefix", "acme"),
    ("data.object_store.versioning", False, "object_store.versioning", False),
    ("data.object_store.lifecycle_days", 3650, "object_store.lifecycle_days", 3650),
]
# What others read: the cloud's choice and its external id the registry, the installation the bootstrapper.
ELSEWHERE = {
    "cloud.provider", "cloud.external_id", "beta9.version", "beta9.enable_metrics", "beta9.enable_logging",
}  # fmt: skip
# What the registry refuses as long as the flags of its table say that it is not built.
FLAGS = {
    "cloud.service_account": False,
    "cluster.use_existing": supported.EXISTING_CLUSTERS,
    "cluster.existing_cluster_name": supported.EXISTING_CLUSTERS,
    "cluster.node_taints": supported.NODE_TAINTS,
    "beta9.workers.gpu_enabled": supported.GPU_WORKERS,
    "beta9.workers.gpu_type": supported.GPU_WORKERS,
    "beta9.workers.min_workers": supported.GPU_WORKERS,
    "beta9.workers.max_workers": supported.GPU_WORKERS,
}
REFUSED = {path for path, built in FLAGS.items() if not built}


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
        not_built = any(path == one or path.startswith(f"{one}.") for one in supported.NOT_BUILT)
        places = [path in read_here, path in ELSEWHERE, path in REFUSED, not_built]
        assert sum(places) == 1, f"{path}: read here, elsewhere, refused by a flag, not built: {places}"
    assert read_here | ELSEWHERE | FLAGS.keys() <= set(leaves(EnvironmentSpec.DESCRIPTOR))


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
