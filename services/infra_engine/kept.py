"""What a destroy leaves by policy, and why."""

from collections.abc import Mapping

from provisioning.environment.v1.environment_pb2 import KeptResource

from libs.aws_access import AwsAccess

_SNAPSHOT = "The database's final snapshot is kept, so that nothing is lost by a delete; delete it when it may go."
_KEY = "KMS deletes the environment's key for good after a waiting time; cancel that to read what it encrypted."
_BUCKET = "Beta9's users stored their files there; delete it when they may go."


def kept_resources(
    access: AwsAccess, data: Mapping[str, object], variables: Mapping[str, object]
) -> list[KeptResource]:
    """By ARN, from what the steps of a destroy noted: `had_database`, `key` and `workspace_buckets`."""
    kept: list[KeptResource] = []
    names = variables.get("names")
    keeps = not variables.get("postgres_skip_final_snapshot", True)
    if data.get("had_database") and keeps and isinstance(names, Mapping):
        place = f"arn:{access.partition}:rds:{access.region}:{access.account_id}:snapshot"
        kept.append(KeptResource(resource=f"{place}:{names['final_snapshot']}", reason=_SNAPSHOT))
    if isinstance(key := data.get("key"), str):
        kept.append(KeptResource(resource=key, reason=_KEY))
    buckets = data.get("workspace_buckets", [])
    assert isinstance(buckets, list)
    return [*kept, *(KeptResource(resource=f"arn:{access.partition}:s3:::{one}", reason=_BUCKET) for one in buckets)]
