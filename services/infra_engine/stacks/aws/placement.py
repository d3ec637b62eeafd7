"""What the other constructs know of the network: where they are put."""

from dataclasses import dataclass

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.bindings import Resource


@dataclass(frozen=True)
class Network:
    """`way_out` is what a private node needs to reach AWS; whatever runs nodes depends on it.

    `subnets` are the private subnets one by one, where they are known so.
    """

    vpc_id: str
    private_subnet_ids: list[str]
    subnets: tuple[Resource, ...] = ()
    way_out: tuple[Resource, ...] = ()

    def subnet_in_zone(self, inputs: Inputs, name: str, zone: str) -> str:
        """The private subnet in the zone whose id is the variable `zone`; `name` is for the local value it becomes."""
        zones = ", ".join(f"{one.address}.availability_zone_id" for one in self.subnets)
        ids = ", ".join(f"{one.address}.id" for one in self.subnets)
        return inputs.local(name, f"lookup(zipmap([{zones}], [{ids}]), var.{zone})")
