"""The nodes: a role for all of them, and for each group a launch template and the managed node group.

The system group runs Beta9 itself and the add-ons; the document's other groups, with GPUs or without, run workers.
A group whose instances would have to be of another kind is replaced, because EKS cannot change them: the new group
comes first, under a name of its own, and the old one goes when it is there. Where instances are reserved there is no
room for two, and the old one goes first. Versions, disks and labels change in place, node by node.
"""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.launch_template import build_launch_template
from services.infra_engine.stacks.aws.placement import Network
from services.infra_engine.stacks.aws.policies import assumed_by_service
from services.infra_engine.stacks.aws.shape import GroupShape, StackShape
from services.infra_engine.stacks.bindings import Resource, aws, create

_POLICIES = {
    "worker": "AmazonEKSWorkerNodePolicy",
    "registry": "AmazonEC2ContainerRegistryReadOnly",
    "ssm": "AmazonSSMManagedInstanceCore",
}
# In a cluster of the customer's we do not know whether vpc-cni has a role of its own; with the nodes' it works in both
# cases, and without one no node is ever ready.
_THERE = {"cni": "AmazonEKS_CNI_Policy"}

iam_role = aws("iam_role")
attachment = aws("iam_role_policy_attachment")
node_group = aws("eks_node_group")
access_entry = aws("eks_access_entry")


def build_nodes(
    stack: Any,
    inputs: Inputs,
    shape: StackShape,
    cluster: Cluster,
    network: Network,
    encryption: Encryption,
    after: tuple[Resource, ...] = (),
) -> dict[str, Resource]:
    """The node groups by their keys. `after` are the add-ons without which a node is never ready."""
    if not shape.groups:
        return {}
    role = create(
        stack,
        iam_role.IamRole,
        "node_role",
        name=inputs.name("node_role"),
        assume_role_policy=assumed_by_service("ec2.amazonaws.com"),
        permissions_boundary=inputs.boundary(),
    )
    rights = [
        create(
            stack,
            attachment.IamRolePolicyAttachment,
            f"node_role_{name}",
            role=role.ref("name"),
            policy_arn=inputs.aws_policy(policy),
        )
        for name, policy in (_POLICIES | (_THERE if shape.existing_cluster else {})).items()
    ]
    # Rights and the way out stay until the last node is gone.
    before = [*rights, *after, *network.way_out]
    if shape.node_access_entry:
        before.append(_admit_nodes(stack, cluster, role))
    return {
        group.key: _group(stack, inputs, group, cluster, network, role, encryption, before) for group in shape.groups
    }


def _admit_nodes(stack: Any, cluster: Cluster, role: Resource) -> Resource:
    """EKS would make it by itself with the first group, and leave it behind in the customer's cluster."""
    return create(
        stack,
        access_entry.EksAccessEntry,
        "nodes",
        cluster_name=cluster.name,
        principal_arn=role.ref("arn"),
        type="EC2_LINUX",
    )


def _group(
    stack: Any,
    inputs: Inputs,
    group: GroupShape,
    cluster: Cluster,
    network: Network,
    role: Resource,
    encryption: Encryption,
    before: list[Resource],
) -> Resource:
    values = f"node_groups.{group.key}"
    template = build_launch_template(stack, inputs, group, encryption)
    # An autoscaler moves it; a plan must not move it back.
    lifecycle: dict[str, Any] = {"ignore_changes": ["scaling_config[0].desired_size"]}
    if not group.reserved:
        lifecycle["create_before_destroy"] = True
    optional: dict[str, Any] = {}
    if group.taints:
        optional["taint"] = [_taint(inputs, f"{values}.taints[{index}]") for index in range(group.taints)]
    if not group.block:
        optional["instance_types"] = inputs.texts(f"{values}.instance_types")
    return create(
        stack,
        node_group.EksNodeGroup,
        group.label,
        cluster_name=cluster.name,
        node_group_name=inputs.text(f"{values}.name"),
        node_role_arn=role.ref("arn"),
        subnet_ids=_subnets(inputs, group, network),
        version=cluster.version,
        ami_type=inputs.text(f"{values}.ami_type"),
        capacity_type=inputs.text(f"{values}.capacity_type"),
        labels=inputs.mapping(f"{values}.labels"),
        scaling_config=node_group.EksNodeGroupScalingConfig(
            min_size=inputs.number(f"{values}.min_size"),
            max_size=inputs.number(f"{values}.max_size"),
            desired_size=inputs.number(f"{values}.desired_size"),
        ),
        update_config=node_group.EksNodeGroupUpdateConfig(max_unavailable=1),
        launch_template=node_group.EksNodeGroupLaunchTemplate(
            id=template.ref("id"), version=template.ref("latest_version")
        ),
        lifecycle=lifecycle,
        depends_on=before,
        **optional,
    )


def _subnets(inputs: Inputs, group: GroupShape, network: Network) -> list[str]:
    if not group.zoned:
        return network.private_subnet_ids
    return [network.subnet_in_zone(inputs, f"subnet_of_{group.key}", f"node_groups.{group.key}.zone_id")]


def _taint(inputs: Inputs, path: str) -> Any:
    return node_group.EksNodeGroupTaint(
        key=inputs.text(f"{path}.key"), value=inputs.text(f"{path}.value"), effect=inputs.text(f"{path}.effect")
    )
