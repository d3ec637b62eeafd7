"""The launch template of a node group: an encrypted root disk, IMDSv2, our tags, and where capacity is reserved.

The metadata service answers to one hop alone, so that no pod gets the node's credentials. Beta9's workers do without
it: they have a role by their service account, and run what customers wrote. Pods of the host's own network, such as
vpc-cni's, are one hop away and reach it.
"""

from typing import Any

from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.shape import GroupShape
from services.infra_engine.stacks.bindings import Resource, aws, create

launch_template = aws("launch_template")


def build_launch_template(stack: Any, inputs: Inputs, group: GroupShape, encryption: Encryption) -> Resource:
    values = f"node_groups.{group.key}"
    return create(
        stack,
        launch_template.LaunchTemplate,
        f"{group.label}_template",
        name=inputs.text(f"{values}.template_name"),
        update_default_version=True,
        metadata_options=launch_template.LaunchTemplateMetadataOptions(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        block_device_mappings=[
            launch_template.LaunchTemplateBlockDeviceMappings(
                # Of Amazon Linux 2023, in both its variants.
                device_name="/dev/xvda",
                ebs=launch_template.LaunchTemplateBlockDeviceMappingsEbs(
                    volume_size=inputs.number(f"{values}.disk_gb"),
                    volume_type="gp3",
                    encrypted="true",
                    kms_key_id=encryption.key_arn,
                    delete_on_termination="true",
                ),
            )
        ],
        tag_specifications=[
            launch_template.LaunchTemplateTagSpecifications(
                resource_type=kind,
                tags=inputs.mapping(f"{values}.instance_tags"),
            )
            for kind in ("instance", "network-interface", "volume")
        ],
        **_reservation(inputs, group, values),
    )


def _reservation(inputs: Inputs, group: GroupShape, values: str) -> dict[str, Any]:
    """A reservation is targeted, and never used by chance. A capacity block is a market of its own, and EKS wants its
    instance type here."""
    arguments: dict[str, Any] = {}
    if group.reserved:
        target = launch_template.LaunchTemplateCapacityReservationSpecificationCapacityReservationTarget(
            capacity_reservation_id=inputs.text(f"{values}.capacity_reservation_id")
        )
        arguments["capacity_reservation_specification"] = (
            launch_template.LaunchTemplateCapacityReservationSpecification(capacity_reservation_target=target)
        )
    if group.block:
        arguments["instance_type"] = inputs.item(f"{values}.instance_types", 0)
        arguments["instance_market_options"] = launch_template.LaunchTemplateInstanceMarketOptions(
            market_type="capacity-block"
        )
    return arguments
