"""Deleting a network that is still used.

AWS: a subnet with interfaces, a security group that an interface or another group's rule names, a VPC with
anything in it but its defaults, and an internet gateway of a VPC with mapped addresses are refused with
DependencyViolation; an interface that a service owns cannot be deleted by the customer.
moto: deletes all of it.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroup


def mend() -> None:
    """Check before every delete."""
    _before("delete_subnet", _check_subnet)
    _before("delete_vpc", _check_vpc)
    _before("delete_security_group", _check_security_group)
    _before("delete_network_interface", _check_interface)
    _before("detach_internet_gateway", _check_gateway)
    _release_with_nat_gateway()


def _before(name: str, check: Any) -> None:
    original = getattr(EC2Backend, name)

    def checked(self: Any, *arguments: Any, **named: Any) -> Any:
        check(self, *arguments, **named)
        return original(self, *arguments, **named)

    setattr(EC2Backend, name, checked)


def _check_subnet(ec2: Any, subnet_id: str) -> None:
    if any(interface.subnet_id == subnet_id for interface in ec2.enis.values()):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


def _check_vpc(ec2: Any, vpc_id: str) -> None:
    groups = [group for group in ec2.groups.get(vpc_id, {}).values() if group.name != "default"]
    gateways = [gateway for gateway in ec2.internet_gateways.values() if gateway.vpc and gateway.vpc.id == vpc_id]
    endpoints = [
        endpoint
        for endpoint in ec2.vpc_end_points.values()
        if endpoint.vpc_id == vpc_id and endpoint.state == "available"
    ]
    interfaces = [interface for interface in ec2.enis.values() if interface.vpc_id == vpc_id]
    if groups or gateways or endpoints or interfaces:
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


def _check_security_group(ec2: Any, name: str | None = None, group_id: str | None = None) -> None:
    group = ec2.get_security_group_from_id(group_id) if group_id else None
    if group is None:
        return
    used = any(member.id == group_id for interface in ec2.enis.values() for member in interface.group_set)
    if used or _named_by_another(ec2, group):
        raise DependencyViolationError(f"resource {group_id} has a dependent object")


def _named_by_another(ec2: Any, group: SecurityGroup) -> bool:
    for other in ec2.groups.get(group.vpc_id, {}).values():
        if other.id == group.id:
            continue
        if any(rule.source_group.get("GroupId") == group.id for rule in [*other.ingress_rules, *other.egress_rules]):
            return True
    return False


def _check_interface(ec2: Any, eni_id: str) -> None:
    interface = ec2.enis.get(eni_id)
    if interface is not None and getattr(interface, "sandbox_owner", None):
        raise EC2ClientError("InvalidParameterValue", f"Network interface '{eni_id}' is currently in use.")


def _check_gateway(ec2: Any, internet_gateway_id: str, vpc_id: str) -> None:
    for interface in ec2.enis.values():
        if interface.vpc_id == vpc_id and interface.public_ip:
            raise DependencyViolationError(
                f"Network {vpc_id} has some mapped public address(es). "
                "Please unmap those public address(es) before detaching the gateway."
            )


def _release_with_nat_gateway() -> None:
    """AWS: a deleted NAT gateway takes its interface along and leaves its address free. moto: keeps both tied."""
    original = EC2Backend.delete_nat_gateway

    def delete(self: Any, nat_gateway_id: str) -> Any:
        gateway = self.nat_gateways.get(nat_gateway_id)
        result = original(self, nat_gateway_id)
        if gateway is not None:
            self.enis.pop(gateway._eni.id, None)
            for address in self.addresses:
                if address.eni is not None and address.eni.id == gateway._eni.id:
                    address.eni = None
                    address.association_id = None
        return result

    EC2Backend.delete_nat_gateway = delete  # type: ignore[method-assign]
