"""RDS and ElastiCache: by name, which holds the environment's uid. What AWS is still at is waited for."""

from typing import Any

from services.infra_engine.preflight.aws.clients import tags
from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.kinds import Found, Health, Wanted

_NOT_MADE = {"create-failed", "failed", "incompatible-create", "incompatible-network", "insufficient-capacity"}
# Of a database: it holds data and is in trouble, which is for a person and no reason to replace it, or it serves.
_SETTLED = {
    "available", "stopped", "storage-full", "storage-optimization", "storage-initialization", "upgrade-failed",
    "incompatible-credentials", "incompatible-option-group", "incompatible-parameters", "incompatible-restore",
    "inaccessible-encryption-credentials", "inaccessible-encryption-credentials-recoverable", "restore-error",
}  # fmt: skip


def database(account: Account, wanted: Wanted) -> Found | None:
    """One that was backed up was whole once: whatever became of it, it is kept."""
    name = wanted.text("identifier")
    one = _first(
        account, "rds", "describe_db_instances", "DBInstances", "DBInstanceNotFound", DBInstanceIdentifier=name
    )
    if one is None or not account.is_ours(tags(one, "TagList")):
        return None
    # Terraform knows it by the id that AWS gave it, and imports it by its name.
    health = _health(one["DBInstanceStatus"])
    if health is Health.FAILED and one.get("LatestRestorableTime"):
        health = Health.HEALTHY
    return Found(str(one["DbiResourceId"]), name, health=health)


def database_parameters(account: Account, wanted: Wanted) -> Found | None:
    return _rds_group(account, wanted, "describe_db_parameter_groups", "DBParameterGroup", "DBParameterGroupNotFound")


def database_subnets(account: Account, wanted: Wanted) -> Found | None:
    return _rds_group(account, wanted, "describe_db_subnet_groups", "DBSubnetGroup", "DBSubnetGroupNotFoundFault")


def cache(account: Account, wanted: Wanted) -> Found | None:
    name = wanted.text("replication_group_id")
    one = _first(
        account, "elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupNotFoundFault",
        ReplicationGroupId=name,
    )  # fmt: skip
    return Found(name, health=_health(one["Status"])) if one is not None and _is_our_cache(account, one) else None


def cache_parameters(account: Account, wanted: Wanted) -> Found | None:
    return _cache_group(
        account, wanted, "describe_cache_parameter_groups", "CacheParameterGroup", "CacheParameterGroupNotFound"
    )


def cache_subnets(account: Account, wanted: Wanted) -> Found | None:
    return _cache_group(
        account, wanted, "describe_cache_subnet_groups", "CacheSubnetGroup", "CacheSubnetGroupNotFoundFault"
    )


def _first(
    account: Account, service: str, operation: str, key: str, absent: str, **which: str
) -> dict[str, Any] | None:
    found = account.ask(service, operation, absent, f"{absent}Fault", **which)
    items: list[dict[str, Any]] = (found or {}).get(key, [])
    return items[0] if items else None


def _rds_group(account: Account, wanted: Wanted, operation: str, kind: str, absent: str) -> Found | None:
    name = wanted.text("name")
    one = _first(account, "rds", operation, f"{kind}s", absent, **{f"{kind}Name": name})
    if one is None:
        return None
    given = account.call("rds", "list_tags_for_resource", ResourceName=one[f"{kind}Arn"])
    return Found(name, attributes={"name": name}) if account.is_ours(tags(given, "TagList")) else None


def _cache_group(account: Account, wanted: Wanted, operation: str, kind: str, absent: str) -> Found | None:
    name = wanted.text("name")
    one = _first(account, "elasticache", operation, f"{kind}s", absent, **{f"{kind}Name": name})
    return Found(name, attributes={"name": name}) if one is not None and _is_our_cache(account, one) else None


def _is_our_cache(account: Account, one: dict[str, Any]) -> bool:
    given = account.ask(
        "elasticache", "list_tags_for_resource", "InvalidReplicationGroupState", ResourceName=one["ARN"]
    )
    return account.is_ours(tags(given or {}, "TagList"))


def _health(status: str) -> Health:
    if status in _NOT_MADE:
        return Health.FAILED
    return Health.HEALTHY if status in _SETTLED else Health.PENDING
