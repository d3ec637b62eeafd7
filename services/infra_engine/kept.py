"""What a destroy leaves by policy, and why."""

from collections.abc import Mapping

from provisioning.environment.v1.environment_pb2 import KeptResource

from libs.aws_access import AwsAccess
from libs.aws_access.errors import DENIED, aws_failure, error_code
from libs.aws_access.sessions import session_for
from services.infra_engine.preflight.aws.stores import snapshots

_SESSION = "infra-engine-kept"
_SNAPSHOT = "The database's final snapshot is kept, so that nothing is lost by a delete; delete it when it may go."
_KEY = "KMS deletes the environment's key for good after a waiting time; cancel that to read what it encrypted."
_BUCKET = "Beta9's users stored their files there; delete it when they may go."


def final_snapshots(access: AwsAccess, names: Mapping[str, str]) -> list[str] | None:
    """Final snapshots that the account has of the environment's databases: of each that was replaced, and of the last.

    None if the role has policies of an earlier release, which do not let it list them. Blocking. Raises Failure.
    """
    rds = session_for(access, _SESSION).client("rds")
    try:
        found = snapshots(rds, names["database"])
    except Exception as error:
        if error_code(error) in DENIED:
            return None
        raise aws_failure(error, access, "list the database's snapshots") from error
    return [one for one in found if one.startswith(f"{names['base']}-final")]


def kept_resources(
    access: AwsAccess, data: Mapping[str, object], variables: Mapping[str, object]
) -> list[KeptResource]:
    """By ARN, from what the steps of a destroy noted: `snapshots`, `had_database`, `key` and `workspace_buckets`."""
    place = f"arn:{access.partition}:rds:{access.region}:{access.account_id}:snapshot"
    kept = [KeptResource(resource=f"{place}:{one}", reason=_SNAPSHOT) for one in _snapshots(data, variables)]
    if isinstance(key := data.get("key"), str):
        kept.append(KeptResource(resource=key, reason=_KEY))
    buckets = data.get("workspace_buckets", [])
    assert isinstance(buckets, list)
    return [*kept, *(KeptResource(resource=f"arn:{access.partition}:s3:::{one}", reason=_BUCKET) for one in buckets)]


def _snapshots(data: Mapping[str, object], variables: Mapping[str, object]) -> list[str]:
    """As they were listed; where they could not be, as the document says."""
    if isinstance(listed := data.get("snapshots"), list):
        return listed
    names, keeps = variables.get("names"), not variables.get("postgres_skip_final_snapshot", True)
    return [names["final_snapshot"]] if data.get("had_database") and keeps and isinstance(names, Mapping) else []
