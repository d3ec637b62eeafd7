"""Where a document's state goes."""

import asyncio

from provisioning.environment.v1.environment_spec_pb2 import StateSpec

from libs.aws_access import AwsAccess
from libs.state_stores import StateLocation, StoreKind
from services.state_backend_manager.buckets import RETENTION_DAYS, Buckets, bucket_name


def state_key(workspace: str, uid: str) -> str:
    """The state object's key: by workspace and uid, so that a name that is used again never meets an old state."""
    return f"{_folder(workspace, uid)}/terraform.tfstate"


def _folder(workspace: str, uid: str) -> str:
    return f"workspaces/{workspace}/environments/{uid}"


def location_for(access: AwsAccess, state: StateSpec, workspace: str, uid: str) -> StateLocation:
    """The place of an environment's state; plain Terraform's backend of that kind would use the same key."""
    if state.gcs.bucket:
        prefix = f"{state.gcs.prefix}/" if state.gcs.prefix else ""
        key = f"{prefix}{_folder(workspace, uid)}/default.tfstate"
        return StateLocation(state.gcs.bucket, key, "", StoreKind.GCS)
    kind = StoreKind.S3_DYNAMODB if state.dynamodb_table else StoreKind.S3
    bucket, key = state.bucket or bucket_name(access), state_key(workspace, uid)
    return StateLocation(bucket, key, access.region, kind, state.kms_key_arn, state.dynamodb_table)


def retention_days(state: StateSpec) -> int:
    return state.retention_days if state.HasField("retention_days") else RETENTION_DAYS


async def ensure(buckets: Buckets, access: AwsAccess, location: StateLocation, days: int) -> str:
    """Makes or checks what keeps the state; answers what is to be said of it. Idempotent. Raises Failure."""
    if location.kind is StoreKind.GCS:
        from libs.state_stores.gcs import check_bucket

        await asyncio.to_thread(check_bucket, location.bucket)
        return f"gs://{location.bucket} is there and versioned"
    if location.dynamodb_table:
        from libs.state_stores.dynamodb import check_table

        await asyncio.to_thread(check_table, access, location.dynamodb_table)
    ours = await asyncio.to_thread(buckets.ensure, access, location.bucket, days)
    return f"state bucket {location.bucket} is versioned{', encrypted and private' if ours else ''}"
