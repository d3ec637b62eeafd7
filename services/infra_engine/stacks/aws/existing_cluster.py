"""A cluster of the customer's own: read by name, and never changed.

No add-on is made, no tag on its subnets, and no access entry but that of our own nodes' role: that the role by which we
act administers the cluster is checked before anything is built. What pods need in IAM is ours: the roles, and the
identity provider where the account has none for the cluster.
"""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.oidc import build_oidc
from services.infra_engine.stacks.aws.shape import StackShape
from services.infra_engine.stacks.bindings import aws, create

eks_cluster = aws("data_aws_eks_cluster")


def build_existing_cluster(stack: Any, inputs: Inputs, shape: StackShape) -> Cluster:
    """Nodes that are added run the cluster's own version."""
    cluster = create(stack, eks_cluster.DataAwsEksCluster, "cluster", name=inputs.name("cluster"))
    return Cluster(
        name=inputs.name("cluster"),
        version=cluster.ref("version"),
        security_group_id=cluster.ref("vpc_config[0].cluster_security_group_id"),
        oidc=build_oidc(stack, inputs, cluster, make=shape.oidc_provider),
    )
