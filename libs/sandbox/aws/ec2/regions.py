"""Regions and zones as an account sees them.

AWS: DescribeRegions shows the regions that the account may use, all of them with AllRegions; each zone tells
whether it needs an opt-in, which availability zones of enabled regions never do.
moto: shows every region to everyone, with a list of its own, and has neither status nor filter.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.availability_zones_and_regions import Zone
from moto.ec2.responses.availability_zones_and_regions import AvailabilityZonesAndRegions
from moto.utilities.utils import filter_resources

from libs.sandbox.aws.account import regions

_OPT_IN = {"ENABLED_BY_DEFAULT": "opt-in-not-required", "ENABLED": "opted-in", "DISABLED": "not-opted-in"}
_ZONE_FILTERS = (
    ("zone-id", "zone_id"),
    ("zone-type", "zone_type"),
    ("zone-name", "name"),
    ("region-name", "region_name"),
    ("state", "state"),
    ("opt-in-status", "opt_in_status"),
    ("group-name", "group_name"),
)


def mend() -> None:
    """Answer by the account's own regions."""
    Zone.opt_in_status = "opt-in-not-required"  # type: ignore[attr-defined]
    Zone.group_name = property(lambda zone: f"{zone.region_name}-zg-1")  # type: ignore[attr-defined]
    Zone.network_border_group = property(lambda zone: zone.region_name)  # type: ignore[attr-defined]
    AvailabilityZonesAndRegions.describe_regions = _describe_regions  # type: ignore[method-assign]
    AvailabilityZonesAndRegions.describe_availability_zones = _describe_zones  # type: ignore[method-assign]


def _describe_regions(self: AvailabilityZonesAndRegions) -> ActionResult:
    self.error_on_dryrun()
    names = self._get_param("RegionNames", [])
    every = self._get_bool_param("AllRegions", False)
    found = []
    for region in names or regions.known():
        status = regions.status(self.current_account, region)
        if status is None:
            raise EC2ClientError("InvalidParameterValue", f"Invalid region name: {region}")
        if status != "DISABLED" or every or names:
            found.append(_Region(region, f"ec2.{region}.amazonaws.com", _OPT_IN[status]))
    wanted = self._filters_from_querystring()
    pairs = (("region-name", "region_name"), ("endpoint", "endpoint"), ("opt-in-status", "opt_in_status"))
    return ActionResult({"Regions": filter_resources(found, wanted, pairs) if wanted else found})


def _describe_zones(self: AvailabilityZonesAndRegions) -> ActionResult:
    self.error_on_dryrun()
    ids, names = self._get_param("ZoneIds", []), self._get_param("ZoneNames", [])
    zones = self.ec2_backend.describe_availability_zones(None, zone_names=names, zone_ids=ids)
    missing = {*ids, *names} - {zone.zone_id for zone in zones} - {zone.name for zone in zones}
    if missing:
        raise EC2ClientError("InvalidParameterValue", f"Invalid availability zone: [{sorted(missing)[0]}]")
    wanted = self._filters_from_querystring()
    return ActionResult({"AvailabilityZones": filter_resources(zones, wanted, _ZONE_FILTERS) if wanted else zones})


class _Region:
    def __init__(self, region_name: str, endpoint: str, opt_in_status: Any) -> None:
        self.region_name = region_name
        self.endpoint = endpoint
        self.opt_in_status = opt_in_status
