"""Names that something else has."""

from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.facts import Facts, Unreadable
from services.infra_engine.preflight.findings import Finding

_FIELDS = {
    "bucket": "data.object_store.bucket_prefix",
    "cluster": "cluster",
    "database": "data.postgres",
    "cache": "data.redis",
    "log group": "cluster",
}
"""The part of the document that makes what has the name."""
_KINDS = {
    "bucket": "S3 bucket",
    "cluster": "EKS cluster",
    "database": "RDS instance",
    "cache": "ElastiCache replication group",
    "log group": "CloudWatch log group",
}


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """NAME_TAKEN. What carries the environment's own tag is its own, from a build before."""
    for one in facts.taken:
        if isinstance(one, Unreadable) or one.ours:
            continue
        where = "another account has" if one.elsewhere else "the account has"
        remedy = (
            "Choose another data.object_store.bucket_prefix."
            if one.kind == "bucket"
            else "Delete it if nothing needs it, or make the environment under another name."
        )
        yield Finding(
            "NAME_TAKEN",
            _FIELDS[one.kind],
            f"{where[0].upper()}{where[1:]} {'an' if _KINDS[one.kind][0] in 'AEIOUSR' else 'a'} {_KINDS[one.kind]}"
            f" named {one.name} already, which is not this environment's.",
            remedy,
        )
