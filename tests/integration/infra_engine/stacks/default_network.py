"""The default network of an account, read and not made."""

from typing import Any


def default_network(stack: Any, inputs: Any) -> Any:
    """Its subnets in the zones that EKS takes, as the stack's network."""
    from services.infra_engine.stacks.aws.placement import Network
    from services.infra_engine.stacks.bindings import aws, cdktf, create

    subnets, zones = aws("data_aws_subnets"), aws("data_aws_availability_zones")
    create(stack, zones.DataAwsAvailabilityZones, "with_eks", exclude_zone_ids=inputs.texts("excluded_zone_ids"))
    create(
        stack,
        subnets.DataAwsSubnets,
        "default",
        filter=[
            subnets.DataAwsSubnetsFilter(name="default-for-az", values=["true"]),
            subnets.DataAwsSubnetsFilter(
                name="availability-zone",
                values=cdktf.Token.as_list("${data.aws_availability_zones.with_eks.names}"),
            ),
        ],
    )
    return Network(vpc_id="", private_subnet_ids=cdktf.Token.as_list("${data.aws_subnets.default.ids}"))
