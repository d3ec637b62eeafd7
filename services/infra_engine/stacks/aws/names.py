"""Names of an environment's resources: from its name, for people, and its uid, for uniqueness."""

import base64
import hashlib
import re

from services.infra_engine.stacks.aws.node_groups import ResolvedGroup
from services.infra_engine.stacks.aws.versions import cache_family, postgres_family
from services.infra_engine.stacks.stack_input import StackInput

# Beta9 appends "-<workspace id>" to this prefix for the buckets that it makes, and S3 ends at 63.
WORKSPACE_BUCKET_PREFIX_LIMIT = 26

_SLUG_LIMIT = 15
_BUCKET_LIMIT = 63
_BUCKET_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


class IllegalBucketPrefix(ValueError):
    """S3 would refuse every name that begins like this."""

    def __init__(self, prefix: str) -> None:
        super().__init__(
            f"The bucket prefix {prefix[:80]!r} cannot begin an S3 bucket name:"
            " use small letters, digits and inner hyphens only."
        )


def token(uid: str, length: int) -> str:
    """Letters and digits 2-7 that stand for the uid: 5 bits each."""
    return base64.b32encode(hashlib.sha256(uid.encode()).digest()).decode().lower()[:length]


def slug(environment: str) -> str:
    """At most 15 characters of the name that are legal wherever a name goes; it begins and ends with none but those."""
    plain = re.sub(r"[^a-z0-9]+", "-", environment.lower()).strip("-")
    return plain[:_SLUG_LIMIT].strip("-") or "environment"


def base_name(environment: str, uid: str) -> str:
    """At most 32 characters, so that every suffix fits ElastiCache's 40, the strictest of the limits."""
    return f"beta9-{slug(environment)}-{token(uid, 10)}"


def _bucket_name(prefix: str, uid: str) -> str:
    if not _BUCKET_PREFIX.fullmatch(prefix):
        raise IllegalBucketPrefix(prefix)
    unique = token(uid, 16)
    return f"{prefix[: _BUCKET_LIMIT - len(unique) - 1].rstrip('-')}-{unique}"


def _workspace_bucket_prefix(prefix: str, uid: str) -> str:
    unique = token(uid, 16)
    return f"{prefix[: WORKSPACE_BUCKET_PREFIX_LIMIT - len(unique) - 1].rstrip('-')}-{unique}"


def state_bucket(stack_input: StackInput) -> str | None:
    """The bucket of the state, which is no resource of the stack; None where it is kept out of S3."""
    state, account = stack_input.state, stack_input.account
    if not state.in_s3:
        return None
    return state.bucket or f"beta9-tf-state-{account.account_id}-{account.region}"


def group_name(base: str, group: ResolvedGroup) -> str:
    """At most 60 of EKS's 63 characters.

    What EKS cannot change in a group that is there ends the name: the new group stands beside the old one until its
    nodes have taken over.
    """
    fixed = (group.instance_types, group.ami_type, group.capacity_type, group.zone_id)
    return f"{base}-{group.name}-{token(repr(fixed), 6)}"


def _final_snapshot(base: str, key_arn: str | None) -> str:
    """At most 47 of RDS's 255 characters.

    Another key is the one change that makes a new database in the place of the old one, whose final snapshot has its
    name by then.
    """
    return f"{base}-final" if key_arn is None else f"{base}-final-{token(key_arn, 8)}"


def resource_names(stack_input: StackInput) -> dict[str, str]:
    """The same input has the same names for ever; another uid has none in common. Raises `IllegalBucketPrefix`."""
    base = base_name(stack_input.environment, stack_input.uid)
    prefix = stack_input.object_store.bucket_prefix
    return {
        "base": base,
        "key_alias": f"alias/{base}",
        "flow_log_group": f"/beta9/{base}/flow-logs",
        "flow_log_role": f"{base}-flow-logs",
        "cluster": stack_input.cluster.existing_name or base,
        "cluster_log_group": f"/aws/eks/{base}/cluster",
        "cluster_role": f"{base}-cluster",
        "node_role": f"{base}-node",
        "vpc_cni_role": f"{base}-vpc-cni",
        "ebs_csi_role": f"{base}-ebs-csi",
        "gateway_role": f"{base}-gateway",
        "cluster_autoscaler_role": f"{base}-cluster-autoscaler",
        "load_balancer_role": f"{base}-load-balancer",
        "workspace_storage_user": f"{base}-workspace-storage",
        "database": f"{base}-db",
        # A parameter group is of one family, and the next must be there before the last one goes.
        "database_parameters": f"{base}-{postgres_family(stack_input.postgres.version)}",
        "database_secret": f"beta9/{base}/postgres",
        "final_snapshot": _final_snapshot(base, stack_input.kms_key_arn),
        "cache": f"{base}-cache",
        "cache_parameters": f"{base}-{cache_family(stack_input.redis)}",
        "cache_secret": f"beta9/{base}/redis",
        "bucket": _bucket_name(prefix, stack_input.uid),
        "workspace_bucket_prefix": _workspace_bucket_prefix(prefix, stack_input.uid),
    }
