"""VPC endpoints.

AWS: a gateway endpoint is a route in each of its route tables, those that come later too; an interface endpoint
has interfaces of its own in its subnets, in its security groups or the VPC's default one.
moto: makes routes with the endpoint alone, and interfaces that are the customer's and in no group of it.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend

from libs.sandbox.aws.ec2 import interfaces


def mend() -> None:
    """Keep routes and interfaces what the endpoint says."""
    create, modify = EC2Backend.create_vpc_endpoint, EC2Backend.modify_vpc_endpoint

    def created(self: Any, **given: Any) -> Any:
        given["endpoint_type"] = given.get("endpoint_type") or "Gateway"
        endpoint = create(self, **given)
        if _is_interface(endpoint):
            for eni_id in endpoint.network_interface_ids:
                self.enis.pop(eni_id, None)
            endpoint.network_interface_ids = []
            if not endpoint.security_group_ids:
                default = self.get_default_security_group(endpoint.vpc_id)
                endpoint.security_group_ids = [default.id]
            _enter(self, endpoint, list(endpoint.subnet_ids or []))
        return endpoint

    def modified(self: Any, **given: Any) -> None:
        modify(self, **given)
        (endpoint,) = self.describe_vpc_endpoints(vpc_end_point_ids=[given["vpc_id"]])
        if _is_interface(endpoint):
            present = {self.enis[key].subnet_id: key for key in endpoint.network_interface_ids}
            for subnet_id in present.keys() - set(endpoint.subnet_ids):
                endpoint.network_interface_ids.remove(present[subnet_id])
                del self.enis[present[subnet_id]]
            _enter(self, endpoint, [key for key in endpoint.subnet_ids if key not in present])
            interfaces.regroup(self.account_id, self.region_name, _owner(endpoint), endpoint.security_group_ids)
        elif endpoint.destination_prefix_list_id:
            for table_id in given.get("add_route_tables") or []:
                self.create_route(
                    table_id,
                    None,
                    gateway_id=endpoint.id,
                    destination_prefix_list_id=endpoint.destination_prefix_list_id,
                )
            for table_id in given.get("remove_route_tables") or []:
                self.delete_route(table_id, endpoint.destination_prefix_list_id)

    EC2Backend.create_vpc_endpoint = created  # type: ignore[method-assign, assignment]
    EC2Backend.modify_vpc_endpoint = modified  # type: ignore[method-assign, assignment]


def _is_interface(endpoint: Any) -> bool:
    return str(endpoint.vpc_endpoint_type).lower() == "interface"


def _owner(endpoint: Any) -> str:
    return f"vpce/{endpoint.id}"


def _enter(ec2: Any, endpoint: Any, subnet_ids: list[str]) -> None:
    made = interfaces.attach(
        ec2.account_id,
        ec2.region_name,
        _owner(endpoint),
        f"VPC Endpoint Interface {endpoint.id}",
        subnet_ids,
        endpoint.security_group_ids,
    )
    endpoint.network_interface_ids.extend(made)
