"""Subnets.

AWS: a zone can be told by its id, and only the subnets of a default VPC are a zone's default, with public addresses.
moto: files a subnet whose zone is told by its id under no zone, and takes the first one there for a default.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.subnets import Subnet


def mend() -> None:
    """Tell the zone by its name, whichever way it was asked for."""
    original = EC2Backend.create_subnet

    def create(
        self: Any,
        vpc_id: str,
        cidr_block: str,
        ipv6_cidr_block: str | None = None,
        availability_zone: str | None = None,
        availability_zone_id: str | None = None,
        ipv6_native: bool = False,
        tags: dict[str, dict[str, str]] | None = None,
    ) -> Subnet:
        zone = availability_zone or _name(availability_zone_id)
        subnet = original(self, vpc_id, cidr_block, ipv6_cidr_block, zone, availability_zone_id, ipv6_native, tags)
        if not self.get_vpc(vpc_id).is_default:
            subnet.default_for_az = subnet.map_public_ip_on_launch = False
        return subnet

    EC2Backend.create_subnet = create  # type: ignore[method-assign]


def _name(zone_id: str | None) -> str | None:
    zones = (zone for zones in RegionsAndZonesBackend.zones.values() for zone in zones)
    return next((zone.name for zone in zones if zone_id and zone.zone_id == zone_id), None)
