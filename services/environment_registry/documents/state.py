"""Rules of `state`: where the Terraform state is kept."""

from __future__ import annotations

import re

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.cloud import check_key
from services.environment_registry.documents.defaults import STATE_RETENTION_DAYS
from services.environment_registry.documents.findings import Findings

_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_GCS_BUCKET = re.compile(r"[a-z0-9][a-z0-9_.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9_/-]{0,198}[A-Za-z0-9_-])?")
_ENDS = "that start and end with a letter or digit"


def check_state(found: Findings, spec: pb.EnvironmentSpec, at: str) -> None:
    """Check `state`."""
    state = spec.state
    if state.bucket:
        rule = f"3 to 63 lower-case letters, digits and hyphens {_ENDS}"
        found.match(f"{at}.bucket", state.bucket, _BUCKET, rule)
    if state.HasField("retention_days") and found.within(f"{at}.retention_days", state.retention_days, 1, 3650):
        _retention(found, state, f"{at}.retention_days")
    if state.kms_key_arn:
        check_key(found, f"{at}.kms_key_arn", state.kms_key_arn, spec.cloud)
    if state.dynamodb_table:
        rule = "a DynamoDB table's name: 3 to 255 letters, digits and _.-"
        found.match(f"{at}.dynamodb_table", state.dynamodb_table, _TABLE, rule)
    if state.gcs.bucket:
        _gcs(found, state, at)
    elif state.gcs.prefix:
        found.invalid(f"{at}.gcs.prefix", "Is of no bucket: give state.gcs.bucket, or leave it out.")


def _retention(found: Findings, state: pb.StateSpec, at: str) -> None:
    if state.retention_days != STATE_RETENTION_DAYS and not state.bucket and not state.gcs.bucket:
        found.invalid(at, f"Is another than the shared bucket's {STATE_RETENTION_DAYS} days: give state.bucket too.")


def _gcs(found: Findings, state: pb.StateSpec, at: str) -> None:
    rule = f"3 to 63 lower-case letters, digits and -_. {_ENDS}"
    found.match(f"{at}.gcs.bucket", state.gcs.bucket, _GCS_BUCKET, rule)
    if state.gcs.prefix:
        rule = "1 to 200 letters, digits and -_/ with no slash at its ends"
        found.match(f"{at}.gcs.prefix", state.gcs.prefix, _PREFIX, rule)
    for name in ("bucket", "kms_key_arn", "dynamodb_table"):
        found.pointless(f"{at}.{name}", getattr(state, name), "state.gcs is used")
    found.pointless(f"{at}.retention_days", state.HasField("retention_days"), "state.gcs is used")
