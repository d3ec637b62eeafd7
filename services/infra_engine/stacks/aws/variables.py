"""The values of an environment: what terraform.tfvars.json holds. Terraform takes them literally there."""

from services.infra_engine.stacks.aws import versions
from services.infra_engine.stacks.aws.addon_settings import coredns_settings, ebs_csi_settings
from services.infra_engine.stacks.aws.checks import check_values, partition
from services.infra_engine.stacks.aws.names import group_name, resource_names
from services.infra_engine.stacks.aws.node_groups import ResolvedGroup, resolve
from services.infra_engine.stacks.aws.profiles import CACHES, DATABASES
from services.infra_engine.stacks.aws.shape import StackShape, shape_of
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
        "partition": partition(account.region),
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
    check_values(stack_input)
    names = resource_names(stack_input)
    return {
        **provider_variables(stack_input),
        "names": names,
        "permissions_boundary_arn": stack_input.permissions_boundary_arn,
        "kms_key_arn": stack_input.kms_key_arn,
        **_network(stack_input, shape_of(stack_input), names["cluster"]),
        **_cluster(stack_input, names["base"]),
        **_postgres(stack_input),
        **_cache(stack_input),
        "bucket_versioning": "Enabled" if stack_input.object_store.versioning else "Suspended",
        "bucket_lifecycle_days": stack_input.object_store.lifecycle_days,
    }


def _network(stack_input: StackInput, shape: StackShape, cluster: str) -> dict[str, object]:
    network = stack_input.network
    public, private = subnet_cidrs(network.cidr, shape.zones) if shape.zones else ([], [])
    return {
        "network_cidr": network.cidr,
        "zone_ids": list(network.zone_ids),
        "excluded_zone_ids": ZONES_WITHOUT_EKS,
        "public_subnet_cidrs": public,
        "private_subnet_cidrs": private,
        "public_subnet_tags": subnet_tags(cluster, public=True),
        "private_subnet_tags": subnet_tags(cluster, public=False),
        "existing_vpc_id": network.existing_vpc_id,
        "existing_private_subnet_ids": list(network.existing_private_subnet_ids),
        "existing_public_subnet_ids": list(network.existing_public_subnet_ids),
        "log_retention_days": network.log_retention_days,
    }


def _cluster(stack_input: StackInput, base: str) -> dict[str, object]:
    cluster = stack_input.cluster
    groups = resolve(stack_input)
    return {
        "cluster_version": cluster.version or versions.KUBERNETES,
        "cluster_support_type": cluster.support,
        "cluster_public_endpoint": cluster.public_endpoint,
        # EKS takes none beside a private endpoint.
        "cluster_public_cidrs": list(cluster.public_access_cidrs) if cluster.public_endpoint else None,
        "coredns_settings": coredns_settings(cluster.system_nodes.taints),
        "ebs_csi_settings": ebs_csi_settings(cluster.system_nodes.taints),
        "node_groups": {one.key: _group(stack_input, base, one) for one in groups},
    }


def _group(stack_input: StackInput, base: str, group: ResolvedGroup) -> dict[str, object]:
    return {
        "name": group_name(base, group),
        "template_name": f"{base}-{group.name}",
        "instance_types": list(group.instance_types),
        "ami_type": group.ami_type,
        "capacity_type": group.capacity_type,
        "min_size": group.min_size,
        "max_size": group.max_size,
        "desired_size": group.desired_size,
        "disk_gb": group.disk_gb,
        "labels": dict(group.labels),
        "taints": [{"key": one.key, "value": one.value, "effect": one.effect} for one in group.taints],
        "capacity_reservation_id": group.capacity_reservation_id,
        "zone_id": group.zone_id,
        # Default tags reach the launch template, not what is launched from it.
        "instance_tags": {**environment_tags(stack_input), "Name": f"{base}-{group.name}"},
    }


def _postgres(stack_input: StackInput) -> dict[str, object]:
    postgres, size = stack_input.postgres, DATABASES[stack_input.postgres.size]
    return {
        "postgres_version": postgres.version,
        "postgres_family": versions.postgres_family(postgres.version),
        "postgres_instance_class": postgres.instance_class or size.instance_class,
        "postgres_storage_gb": postgres.storage_gb or size.storage_gb,
        "postgres_max_storage_gb": postgres.max_storage_gb,
        "postgres_multi_az": postgres.multi_az,
        "postgres_backup_retention_days": postgres.backup_retention_days,
        "postgres_backup_window": postgres.backup_window,
        "postgres_maintenance_window": postgres.maintenance_window,
        "postgres_deletion_protection": stack_input.deletion_protection,
        "postgres_skip_final_snapshot": not postgres.keep_final_snapshot,
        "postgres_password_version": postgres.password_version,
    }


def _cache(stack_input: StackInput) -> dict[str, object]:
    redis = stack_input.redis
    return {
        "cache_engine": redis.engine,
        "cache_engine_version": versions.cache_version(redis),
        "cache_family": versions.cache_family(redis),
        "cache_node_type": redis.node_type or CACHES[redis.size],
        "cache_nodes": 1 + redis.replicas,
        # Failover needs somebody to fail over to.
        "cache_failover": redis.ha and redis.replicas > 0,
        "cache_snapshot_retention_days": redis.snapshot_retention_days,
        "cache_snapshot_window": redis.snapshot_window,
        "cache_maintenance_window": redis.maintenance_window,
    }
