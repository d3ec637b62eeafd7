"""Offers of RDS, snapshots, and names that are taken."""

from collections.abc import Callable
from typing import Any

from libs.aws_access.errors import error_code
from services.infra_engine.preflight.aws.clients import pages, tags
from services.infra_engine.preflight.facts import DatabaseOffer, Taken

_GONE = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchTagSet",
        "ResourceNotFoundException",
        "DBInstanceNotFound",
        "DBInstanceNotFoundFault",
        "ReplicationGroupNotFoundFault",
    }
)


def database(rds: Any, instance_class: str, version: str) -> DatabaseOffer | None:
    """Where RDS sells the class for the major version; None when it does not."""
    offered = [
        option
        for option in pages(
            rds,
            "describe_orderable_db_instance_options",
            "OrderableDBInstanceOptions",
            Engine="postgres",
            DBInstanceClass=instance_class,
            Vpc=True,
        )
        if option["EngineVersion"].partition(".")[0] == version.partition(".")[0]
    ]
    if not offered:
        return None
    zones = frozenset(zone["Name"] for option in offered for zone in option["AvailabilityZones"])
    return DatabaseOffer(zones, multi_az=any(option.get("MultiAZCapable") for option in offered))


def snapshots(rds: Any, instance: str) -> tuple[str, ...]:
    """Names of what is kept of a database, which need not be there any more; its automated backups go with it."""
    found = pages(rds, "describe_db_snapshots", "DBSnapshots", DBInstanceIdentifier=instance, SnapshotType="manual")
    return tuple(sorted(one["DBSnapshotIdentifier"] for one in found))


def bucket(s3: Any, name: str, own: tuple[str, str], account_id: str) -> Taken | None:
    """A bucket's name is taken for all accounts at once."""
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=account_id)
    except Exception as error:
        if error_code(error) in ("403", "AccessDenied"):
            return Taken("bucket", name, ours=False, elsewhere=True)
        _reraise_unless_gone(error)
        return None
    found = _unless_gone(lambda: tags(s3.get_bucket_tagging(Bucket=name), "TagSet"))
    return Taken("bucket", name, ours=(found or {}).get(own[0]) == own[1])


def cluster(eks: Any, name: str, own: tuple[str, str]) -> Taken | None:
    """An EKS cluster of that name."""
    return _taken("cluster", name, own, lambda: tags(eks.describe_cluster(name=name)["cluster"], "tags"))


def instance(rds: Any, name: str, own: tuple[str, str]) -> Taken | None:
    """An RDS instance of that name."""
    return _taken(
        "database",
        name,
        own,
        lambda: tags(rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0], "TagList"),
    )


def cache(elasticache: Any, name: str, own: tuple[str, str]) -> Taken | None:
    """A replication group of that name."""

    def its_tags() -> dict[str, str]:
        (view,) = elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
        return tags(elasticache.list_tags_for_resource(ResourceName=view["ARN"]), "TagList")

    return _taken("cache", name, own, its_tags)


def log_group(logs: Any, name: str, own: tuple[str, str]) -> Taken | None:
    """A log group of exactly that name."""
    for view in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
        if view["logGroupName"] == name:
            arn = view.get("logGroupArn") or view["arn"].removesuffix(":*")
            its_tags = tags(logs.list_tags_for_resource(resourceArn=arn), "tags")
            return Taken("log group", name, ours=its_tags.get(own[0]) == own[1])
    return None


def _taken(kind: str, name: str, own: tuple[str, str], read: Callable[[], dict[str, str]]) -> Taken | None:
    found = _unless_gone(read)
    return None if found is None else Taken(kind, name, ours=found.get(own[0]) == own[1])


def _unless_gone(read: Callable[[], dict[str, str]]) -> dict[str, str] | None:
    try:
        return read()
    except Exception as error:
        _reraise_unless_gone(error)
        return None


def _reraise_unless_gone(error: Exception) -> None:
    if error_code(error) not in _GONE:
        raise error
