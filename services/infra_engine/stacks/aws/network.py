"""The network that everything else is built in: of our own, the customer's, or that of the customer's cluster."""

from typing import Any

from services.infra_engine.stacks.aws.existing_network import build_existing_network
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.placement import Network
from services.infra_engine.stacks.aws.routing import build_routing
from services.infra_engine.stacks.aws.shape import StackShape
from services.infra_engine.stacks.aws.vpc import build_vpc


def build_network(stack: Any, inputs: Inputs, shape: StackShape) -> Network:
    """A VPC with subnets and routes, unless the customer brought one; theirs is read and never changed."""
    if not shape.zones:
        return build_existing_network(stack, inputs, shape)
    vpc = build_vpc(stack, inputs, shape)
    return Network(
        vpc_id=vpc.vpc.ref("id"),
        private_subnet_ids=[one.ref("id") for one in vpc.private],
        subnets=vpc.private,
        way_out=build_routing(stack, inputs, shape, vpc),
    )
