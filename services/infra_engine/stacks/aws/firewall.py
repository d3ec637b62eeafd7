"""Security groups of the stores: each admits the cluster's own group on its one port, and lets nothing out.

Rules are resources of their own, so that a rule which somebody adds by hand is seen and not fought over.
"""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.placement import Network
from services.infra_engine.stacks.bindings import Resource, aws, create

security_group = aws("security_group")
ingress_rule = aws("vpc_security_group_ingress_rule")


def build_backend_group(
    stack: Any, inputs: Inputs, network: Network, cluster: Cluster, kind: str, port: int
) -> Resource:
    """The group waits for the network alone; only the rule, a resource of its own, waits for the cluster."""
    group = create(
        stack,
        security_group.SecurityGroup,
        f"{kind}_group",
        name=inputs.name(kind),
        description=f"Beta9 {kind}: from the cluster alone",
        vpc_id=network.vpc_id,
        tags={"Name": inputs.name(kind)},
    )
    create(
        stack,
        ingress_rule.VpcSecurityGroupIngressRule,
        f"{kind}_from_cluster",
        security_group_id=group.ref("id"),
        referenced_security_group_id=cluster.security_group_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description="from the cluster",
    )
    return group
