"""Regions, zones, instance types, reservations and what runs in EC2."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from libs.aws_access.errors import error_code
from services.infra_engine.preflight.aws.clients import pages, tags
from services.infra_engine.preflight.facts import Reservation, Usage, Zone
from services.infra_engine.preflight.families import quota_code

_NO_REGION = frozenset({"InvalidParameterValue", "InvalidRegion"})


def region_opt_in(ec2: Any, region: str) -> str:
    """EC2's own word; empty for a region that there is not."""
    try:
        found = ec2.describe_regions(RegionNames=[region], AllRegions=True)["Regions"]
    except Exception as error:
        if error_code(error) in _NO_REGION:
            return ""
        raise
    return str(found[0].get("OptInStatus", "opt-in-not-required")) if found else ""


def zones(ec2: Any) -> tuple[Zone, ...]:
    """The account's availability zones; no local zones."""
    return tuple(
        Zone(
            name=zone["ZoneName"],
            id=zone["ZoneId"],
            usable=zone.get("State", "available") == "available"
            and zone.get("OptInStatus", "opt-in-not-required") == "opt-in-not-required",
        )
        for zone in ec2.describe_availability_zones()["AvailabilityZones"]
        if zone.get("ZoneType", "availability-zone") == "availability-zone"
    )


def offers(ec2: Any, instance_types: Iterable[str]) -> dict[str, frozenset[str]]:
    """Zone ids by instance type."""
    found: dict[str, set[str]] = {}
    for offer in pages(
        ec2,
        "describe_instance_type_offerings",
        "InstanceTypeOfferings",
        LocationType="availability-zone-id",
        Filters=[{"Name": "instance-type", "Values": sorted(instance_types)}],
    ):
        found.setdefault(offer["InstanceType"], set()).add(offer["Location"])
    return {name: frozenset(where) for name, where in found.items()}


def vcpus(ec2: Any, instance_types: Iterable[str]) -> dict[str, int]:
    """vCPUs by instance type; one that there is not is left out."""
    wanted = sorted(instance_types)
    if not wanted:
        return {}
    found = pages(
        ec2, "describe_instance_types", "InstanceTypes", Filters=[{"Name": "instance-type", "Values": wanted}]
    )
    return {one["InstanceType"]: int(one["VCpuInfo"]["DefaultVCpus"]) for one in found}


def reservations(ec2: Any, ids: Iterable[str]) -> dict[str, Reservation]:
    """Reservations by id; one that there is not is left out. One call each, since one bad id fails a call for all."""
    found: dict[str, Reservation] = {}
    for one in sorted(ids):
        try:
            (view,) = ec2.describe_capacity_reservations(CapacityReservationIds=[one])["CapacityReservations"]
        except Exception as error:
            if error_code(error).startswith("InvalidCapacityReservationId"):
                continue
            raise
        found[one] = Reservation(
            id=one,
            state=view["State"],
            instance_type=view["InstanceType"],
            zone_id=view.get("AvailabilityZoneId", ""),
            total=int(view["TotalInstanceCount"]),
            free=int(view["AvailableInstanceCount"]),
            kind=view.get("ReservationType", "default"),
            ends=view.get("EndDate"),
        )
    return found


def usage(ec2: Any, own: Mapping[str, str]) -> Usage:
    """What others use. `own` are tags, any of which marks a thing as the environment's."""
    running = [
        instance
        for reservation in pages(
            ec2,
            "describe_instances",
            "Reservations",
            Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}],
        )
        for instance in reservation["Instances"]
        if not is_own(instance, own)
    ]
    used = Counter[str]()
    unsaid = {one["InstanceType"] for one in running if "CoreCount" not in one.get("CpuOptions", {})}
    sizes = vcpus(ec2, unsaid)
    for instance in running:
        name = instance["InstanceType"]
        code = quota_code(name, spot=instance.get("InstanceLifecycle") == "spot")
        options = instance.get("CpuOptions", {})
        count = options["CoreCount"] * options["ThreadsPerCore"] if "CoreCount" in options else sizes.get(name, 0)
        if code is not None and instance.get("InstanceLifecycle") != "capacity-block":
            used[code] += int(count)
    addresses = sum(not is_own(one, own) for one in ec2.describe_addresses()["Addresses"])
    return Usage(dict(used), addresses, _nat_gateways(ec2, own))


def _nat_gateways(ec2: Any, own: Mapping[str, str]) -> dict[str, int]:
    gateways = pages(
        ec2,
        "describe_nat_gateways",
        "NatGateways",
        Filters=[{"Name": "state", "Values": ["pending", "available"]}],
    )
    others = [one for one in gateways if not is_own(one, own)]
    if not others:
        return {}
    places = {one["SubnetId"]: one["AvailabilityZone"] for one in pages(ec2, "describe_subnets", "Subnets")}
    return dict(Counter(places[one["SubnetId"]] for one in others if one["SubnetId"] in places))


def is_own(view: dict[str, Any], own: Mapping[str, str], key: str = "Tags") -> bool:
    """Whether a resource carries one of the environment's tags; `key` is where its service has them."""
    there = tags(view, key)
    return any(there.get(name) == value for name, value in own.items())
