"""The system node group: CPU nodes that run Beta9 itself."""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.network import Network
from services.infra_engine.stacks.aws.policies import assumed_by_service
from services.infra_engine.stacks.bindings import Resource, aws, create

_POLICIES = {
    "worker": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "registry": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
    "ssm": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
}

iam_role = aws("iam_role")
attachment = aws("iam_role_policy_attachment")
launch_template = aws("launch_template")
node_group = aws("eks_node_group")


def build_nodes(
    stack: Any, inputs: Inputs, cluster: Cluster, network: Network, after: tuple[Resource, ...]
) -> tuple[Resource, Resource]:
    """The node group and the role of its nodes. `after` are the add-ons without which a node is never ready."""
    role = create(
        stack,
        iam_role.IamRole,
        "node_role",
        name=inputs.name("node_role"),
        assume_role_policy=assumed_by_service("ec2.amazonaws.com"),
    )
    rights = [
        create(
            stack,
            attachment.IamRolePolicyAttachment,
            f"node_role_{name}",
            role=role.ref("name"),
            policy_arn=arn,
        )
        for name, arn in _POLICIES.items()
    ]
    template = _launch_template(stack, inputs)
    group = create(
        stack,
        node_group.EksNodeGroup,
        "system_nodes",
        cluster_name=cluster.name,
        node_group_name=inputs.name("node_group"),
        node_role_arn=role.ref("arn"),
        subnet_ids=network.private_subnet_ids,
        version=inputs.text("cluster_version"),
        ami_type="AL2023_x86_64_STANDARD",
        capacity_type="ON_DEMAND",
        instance_types=inputs.texts("node_instance_types"),
        labels=inputs.mapping("node_labels"),
        scaling_config=node_group.EksNodeGroupScalingConfig(
            min_size=inputs.number("node_min_size"),
            max_size=inputs.number("node_max_size"),
            desired_size=inputs.number("node_desired_size"),
        ),
        update_config=node_group.EksNodeGroupUpdateConfig(max_unavailable=1),
        launch_template=node_group.EksNodeGroupLaunchTemplate(
            id=template.ref("id"), version=template.ref("latest_version")
        ),
        # An autoscaler moves it; a plan must not move it back.
        lifecycle={"ignore_changes": ["scaling_config[0].desired_size"]},
        # Rights and the way out stay until the last node is gone.
        depends_on=[*rights, *after, *network.way_out],
    )
    return group, role


def _launch_template(stack: Any, inputs: Inputs) -> Resource:
    """Encrypted root disk, IMDSv2 out of the pods' reach, and our tags on instances, volumes and interfaces."""
    return create(
        stack,
        launch_template.LaunchTemplate,
        "system_nodes_template",
        name=inputs.name("node_group"),
        update_default_version=True,
        metadata_options=launch_template.LaunchTemplateMetadataOptions(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        block_device_mappings=[
            launch_template.LaunchTemplateBlockDeviceMappings(
                device_name="/dev/xvda",
                ebs=launch_template.LaunchTemplateBlockDeviceMappingsEbs(
                    volume_size=inputs.number("node_disk_gb"),
                    volume_type="gp3",
                    encrypted="true",
                    delete_on_termination="true",
                ),
            )
        ],
        tag_specifications=[
            launch_template.LaunchTemplateTagSpecifications(
                resource_type=kind,
                tags=inputs.mapping("node_instance_tags"),
            )
            for kind in ("instance", "network-interface", "volume")
        ],
    )
