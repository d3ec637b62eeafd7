"""What a stage is asked."""

from datetime import UTC, datetime
from typing import Any

from google.protobuf import json_format
from provisioning.bootstrap.v1.events_pb2 import BootstrapRequested
from provisioning.environment.v1.environment_pb2 import EnvironmentOutputs
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec, StateSpec
from provisioning.state.v1.events_pb2 import ReleaseRequested, StateBackendRequested

from services.environment_registry.hand_overs import request_event
from services.environment_registry.lifecycle import Ask, Stage
from services.environment_registry.records import EnvironmentRecord

CLUSTER = {"vpc_id": "vpc-1", "cluster_name": "c", "cluster_endpoint": "https://c", "node_desired_size": 2}


def asked(stage: Stage, **outputs: object) -> EnvironmentOutputs:
    now = datetime.now(UTC)
    record = EnvironmentRecord(
        uid="u", workspace="default", environment_id="dev", spec=b"", external_id="x", created_at=now, updated_at=now
    )
    record.outputs = EnvironmentOutputs(**outputs).SerializeToString()
    event = request_event(record, Ask(stage, "op", 1), "")
    return json_format.Parse(event.data, BootstrapRequested()).outputs


def test_baseline_is_asked_the_same_whatever_became_known_behind_the_cluster() -> None:
    early = asked(Stage.BASELINE, **CLUSTER)
    assert early == EnvironmentOutputs(**CLUSTER)
    assert asked(Stage.BASELINE, **CLUSTER, rds_endpoint="db:5432", bucket_name="b", redis_tls=False) == early


def test_beta9_is_asked_with_all_outputs() -> None:
    all_of_them = {**CLUSTER, "rds_endpoint": "db:5432", "redis_tls": False}
    assert asked(Stage.BETA9, **all_of_them) == EnvironmentOutputs(**all_of_them)


def requested(stage: Stage, spec: EnvironmentSpec, message: Any, *, remove: bool = False) -> Any:
    now = datetime.now(UTC)
    record = EnvironmentRecord(
        uid="u", workspace="default", environment_id="dev", spec=spec.SerializeToString(), external_id="x",
        created_at=now, updated_at=now, remove_state_bucket=remove,
    )  # fmt: skip
    return json_format.Parse(request_event(record, Ask(stage, "op", 1), "").data, message)


def test_a_state_is_encrypted_with_the_customers_key_unless_it_has_its_own() -> None:
    assert not requested(Stage.STATE_BACKEND, EnvironmentSpec(), StateBackendRequested()).HasField("state")
    spec = EnvironmentSpec()
    spec.cloud.kms_key_arn = "arn:all"
    assert requested(Stage.STATE_BACKEND, spec, StateBackendRequested()).state == StateSpec(kms_key_arn="arn:all")
    spec.state.kms_key_arn = "arn:state"
    assert requested(Stage.STATE_BACKEND, spec, StateBackendRequested()).state.kms_key_arn == "arn:state"
    spec.state.Clear()
    spec.state.gcs.bucket = "there"
    assert not requested(Stage.STATE_BACKEND, spec, StateBackendRequested()).state.kms_key_arn


def test_the_buckets_removal_is_asked_as_the_delete_was() -> None:
    for remove in (True, False):
        asked_for = requested(Stage.RELEASE, EnvironmentSpec(), ReleaseRequested(), remove=remove)
        assert asked_for.remove_bucket is remove
