"""A VPC of the environment's own: the VPC, a default security group that admits nothing, and its subnets.

One public and one private subnet a zone: public ones for NAT and load balancers, private ones, which are large because
every pod takes an address, for everything else. Nothing gets a public address by being launched in a public subnet: NAT
and load balancers bring their own.
"""

from dataclasses import dataclass
from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.shape import StackShape
from services.infra_engine.stacks.bindings import Resource, aws, create

zones = aws("data_aws_availability_zones")
vpc = aws("vpc")
default_group = aws("default_security_group")
subnet = aws("subnet")


@dataclass(frozen=True)
class Vpc:
    vpc: Resource
    public: tuple[Resource, ...]
    private: tuple[Resource, ...]


def build_vpc(stack: Any, inputs: Inputs, shape: StackShape) -> Vpc:
    """Over the zones that the document names by id, or else the region's first ones that EKS takes."""
    if not shape.zones_given:
        create(
            stack,
            zones.DataAwsAvailabilityZones,
            "zones",
            state="available",
            exclude_zone_ids=inputs.texts("excluded_zone_ids"),
            filter=[
                zones.DataAwsAvailabilityZonesFilter(name="opt-in-status", values=["opt-in-not-required"]),
            ],
        )
    made = create(
        stack,
        vpc.Vpc,
        "vpc",
        cidr_block=inputs.text("network_cidr"),
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags={"Name": inputs.name("base")},
    )
    # AWS makes it with rules that let everything in it talk; whatever forgets to name a group gets nothing now.
    create(
        stack,
        default_group.DefaultSecurityGroup,
        "locked",
        vpc_id=made.ref("id"),
        tags={"Name": f"{inputs.name('base')}-locked"},
    )
    return Vpc(
        vpc=made,
        public=_subnets(stack, inputs, shape, made, "public"),
        private=_subnets(stack, inputs, shape, made, "private"),
    )


def _subnets(stack: Any, inputs: Inputs, shape: StackShape, made: Resource, kind: str) -> tuple[Resource, ...]:
    return tuple(
        create(
            stack,
            subnet.Subnet,
            f"{kind}_{index}",
            vpc_id=made.ref("id"),
            cidr_block=inputs.item(f"{kind}_subnet_cidrs", index),
            tags=inputs.mapping(f"{kind}_subnet_tags"),
            # A zone that AWS opens or closes later must not move, and so replace, what is there.
            lifecycle={"ignore_changes": ["availability_zone", "availability_zone_id"]},
            **_zone(inputs, shape, index),
        )
        for index in range(shape.zones)
    )


def _zone(inputs: Inputs, shape: StackShape, index: int) -> dict[str, Any]:
    """By id where the document names it: a zone's name means another place in each account."""
    if shape.zones_given:
        return {"availability_zone_id": inputs.item("zone_ids", index)}
    return {"availability_zone": f"${{data.aws_availability_zones.zones.names[{index}]}}"}
