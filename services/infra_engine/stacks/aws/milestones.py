"""When others may start on an environment, while the rest of it is still being built."""

from services.infra_engine.stacks.aws.outputs import BACKEND_OUTPUTS, cluster_outputs
from services.infra_engine.stacks.aws.shape import StackShape, from_shape
from services.infra_engine.stacks.definition import Milestone, Shape

# Roles of what the bootstrap installs first, with what they may.
_CONTROLLERS = frozenset({"aws_iam_role_policy.cluster_autoscaler", "aws_iam_role_policy.load_balancer"})
# Nodes that run, a way in for the bootstrapper, and what pods need to be reached.
_CLUSTER = frozenset(
    {
        "aws_eks_cluster.cluster",
        "aws_eks_access_entry.provisioner",
        "aws_eks_access_policy_association.provisioner_admin",
        "aws_eks_addon.vpc_cni",
        "aws_eks_addon.kube_proxy",
        "aws_eks_node_group.system_nodes",
    }
)
# What Beta9 itself needs beside the cluster.
_BACKENDS = frozenset(
    {
        "aws_db_instance.database",
        "aws_secretsmanager_secret.cache_secret",
        "aws_secretsmanager_secret_version.database_secret_value",
        "aws_vpc_security_group_ingress_rule.database_from_cluster",
        "aws_elasticache_replication_group.cache",
        "aws_vpc_security_group_ingress_rule.cache_from_cluster",
        "aws_s3_bucket.bucket",
        "aws_s3_bucket_public_access_block.bucket_private",
        "aws_s3_bucket_server_side_encryption_configuration.bucket_encryption",
        "aws_iam_role_policy.gateway_bucket",
        "aws_iam_user_policy.workspace_storage_buckets",
    }
)
_CACHE = frozenset({"aws_elasticache_replication_group.cache", "aws_secretsmanager_secret.cache_secret"})
# Volumes (EBS CSI) and cluster DNS are among it: they come a minute after the nodes, long before a database, and
# without them the gateway's pods would wait in vain.
_NODE_ADDONS = frozenset({"aws_eks_addon.aws_ebs_csi_driver", "aws_eks_addon.coredns"})


def milestones(shape: Shape) -> tuple[Milestone, ...]:
    """A group of workers is not waited for: Beta9 runs without, and its capacity may be long in coming."""
    of = from_shape(shape)
    return (
        # Told to nobody: from here on the engine sets the cache's auth token, while the database is still being made.
        Milestone("cache_available", _CACHE, frozenset()),
        Milestone("cluster_available", _cluster(of), frozenset(cluster_outputs(of))),
        Milestone(
            "backends_available",
            _BACKENDS if of.existing_cluster else _BACKENDS | _NODE_ADDONS,
            frozenset(BACKEND_OUTPUTS),
        ),
    )


def _cluster(shape: StackShape) -> frozenset[str]:
    found = _CONTROLLERS
    if not shape.existing_cluster:
        found |= _CLUSTER
    if shape.oidc_provider:
        found |= {"aws_iam_openid_connect_provider.oidc"}
    if shape.own_key:
        found |= {"aws_kms_key.key"}
    if shape.groups:
        found |= {"aws_iam_role.node_role"}
    return found
