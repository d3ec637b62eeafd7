"""What the bootstrap reads of the Terraform outputs, by the names that the engine gives them. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from libs.failures import Actor, Failure, Kind


@dataclass(frozen=True)
class ClusterOutputs:
    """Of the cluster; there as soon as it is."""

    region: str
    vpc_id: str
    cluster_name: str
    cluster_endpoint: str
    cluster_certificate_authority_data: str


@dataclass(frozen=True)
class BackendOutputs:
    """Of what Beta9 keeps its data in.

    `workspace_storage_user` and `workspace_bucket_prefix` are for the buckets that Beta9 makes itself; without
    them it makes none. `redis_auth_secret_arn` is empty while the cache has no auth token.
    """

    region: str
    rds_host: str
    rds_port: int
    rds_database: str
    rds_master_user_secret_arn: str
    redis_host: str
    redis_port: int
    redis_tls: bool
    bucket_name: str
    gateway_role_arn: str
    workspace_storage_user: str
    workspace_bucket_prefix: str
    redis_auth_secret_arn: str


def cluster_outputs(outputs: Mapping[str, object], region: str) -> ClusterOutputs:
    """From outputs by name. Raises Failure `OUTPUT_MISSING`."""
    return ClusterOutputs(
        region=region,
        vpc_id=_text(outputs, "vpc_id"),
        cluster_name=_text(outputs, "cluster_name"),
        cluster_endpoint=_text(outputs, "cluster_endpoint"),
        cluster_certificate_authority_data=_text(outputs, "cluster_certificate_authority_data"),
    )


def backend_outputs(outputs: Mapping[str, object], region: str) -> BackendOutputs:
    """From outputs by name. Raises Failure `OUTPUT_MISSING`."""
    host, _, port = _text(outputs, "rds_endpoint").rpartition(":")
    if not host or not port.isdigit():
        raise _missing("rds_endpoint")
    return BackendOutputs(
        region=region,
        rds_host=host,
        rds_port=int(port),
        rds_database=_text(outputs, "rds_database", "beta9"),
        rds_master_user_secret_arn=_text(outputs, "rds_master_user_secret_arn"),
        redis_host=_text(outputs, "redis_endpoint"),
        redis_port=_number(outputs, "redis_port"),
        redis_tls=_text(outputs, "redis_tls", "true").lower() == "true",
        bucket_name=_text(outputs, "bucket_name"),
        gateway_role_arn=_text(outputs, "gateway_role_arn"),
        workspace_storage_user=_text(outputs, "workspace_storage_user", "-").strip("-"),
        workspace_bucket_prefix=_text(outputs, "workspace_bucket_prefix", "-").strip("-"),
        redis_auth_secret_arn=_text(outputs, "redis_auth_secret_arn", "-").strip("-"),
    )


def _text(outputs: Mapping[str, object], name: str, default: str = "") -> str:
    value = outputs.get(name)
    text = "" if value is None else str(value)
    if not (text or default):
        raise _missing(name)
    return text or default


def _number(outputs: Mapping[str, object], name: str) -> int:
    text = _text(outputs, name)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise _missing(name)
    return int(text)


def _missing(name: str) -> Failure:
    return Failure(
        reason="OUTPUT_MISSING",
        message=f"The infrastructure's output {name} is missing or unusable.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.PLATFORM,
        remedy="Apply the environment's infrastructure again, so that its outputs are written anew.",
        resource_address=f"output.{name}",
    )
