"""The values of an environment: what terraform.tfvars.json holds. Terraform takes them literally there."""

from services.infra_engine.stacks.aws import versions
from services.infra_engine.stacks.aws.names import resource_names
from services.infra_engine.stacks.aws.profiles import CACHES, DATABASES, NODES
from services.infra_engine.stacks.aws.subnets import subnet_cidrs
from services.infra_engine.stacks.aws.tags import environment_tags, subnet_tags
from services.infra_engine.stacks.stack_input import StackInput

# EKS refuses a control plane in these zones, which are told by id because names differ from account to account.
ZONES_WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"]

_SESSION_NAME_LIMIT = 64


def session_name(uid: str) -> str:
    """What CloudTrail shows as the name of our session in the customer's account."""
    return f"beta9-provisioning-{uid}"[:_SESSION_NAME_LIMIT]


def provider_variables(stack_input: StackInput) -> dict[str, object]:
    """What any stack's provider block is given."""
    account, calls = stack_input.account, stack_input.aws_calls
    return {
        "region": account.region,
        "account_id": account.account_id,
        "role_arn": account.role_arn,
        "external_id": account.external_id,
        "session_name": session_name(stack_input.uid),
        "max_retries": calls.max_retries,
        "s3_path_style": calls.s3_path_style,
        "tags": environment_tags(stack_input),
    }


def stack_variables(stack_input: StackInput) -> dict[str, object]:
    """Every variable of the stack but the secret ones. Raises a ValueError that says what cannot be built."""
    names = resource_names(stack_input)
    public, private = subnet_cidrs(stack_input.network.cidr)
    nodes = NODES[stack_input.cluster.profile]
    postgres, database = stack_input.postgres, DATABASES[stack_input.postgres.size]
    redis, store = stack_input.redis, stack_input.object_store
    replicas = redis.num_replicas if redis.num_replicas is not None else int(redis.ha)
    return {
        **provider_variables(stack_input),
        "names": names,
        "network_cidr": stack_input.network.cidr,
        "public_subnet_cidrs": public,
        "private_subnet_cidrs": private,
        "public_subnet_tags": subnet_tags(names["cluster"], public=True),
        "private_subnet_tags": subnet_tags(names["cluster"], public=False),
        "excluded_zone_ids": ZONES_WITHOUT_EKS,
        "cluster_version": stack_input.cluster.version or versions.KUBERNETES,
        "cluster_support_type": versions.KUBERNETES_SUPPORT,
        "cluster_public_cidrs": ["0.0.0.0/0"],
        "cluster_log_retention_days": 30,
        "node_instance_types": [nodes.instance_type],
        "node_min_size": nodes.min_size,
        "node_max_size": nodes.max_size,
        "node_desired_size": nodes.desired_size,
        "node_disk_gb": nodes.disk_gb,
        "node_labels": {**stack_input.cluster.system_nodes.labels, "beta9.io/node-group": "system"},
        # Default tags reach the launch template, not what is launched from it.
        "node_instance_tags": {**environment_tags(stack_input), "Name": names["node_group"]},
        "postgres_version": versions.POSTGRES,
        "postgres_family": versions.POSTGRES_FAMILY,
        "postgres_instance_class": database.instance_class,
        "postgres_storage_gb": postgres.storage_gb or database.storage_gb,
        "postgres_multi_az": postgres.multi_az,
        "postgres_backup_retention_days": postgres.backup_retention_days,
        "postgres_skip_final_snapshot": not postgres.keep_final_snapshot,
        "postgres_password_version": postgres.password_version,
        "cache_engine": versions.CACHE_ENGINE,
        "cache_engine_version": versions.CACHE_ENGINE_VERSION,
        "cache_family": versions.CACHE_FAMILY,
        "cache_node_type": CACHES[redis.size],
        "cache_nodes": 1 + replicas,
        # Failover needs somebody to fail over to.
        "cache_failover": redis.ha and replicas > 0,
        "bucket_versioning": "Enabled" if store.versioning else "Suspended",
        "bucket_lifecycle_days": store.lifecycle_days,
    }
