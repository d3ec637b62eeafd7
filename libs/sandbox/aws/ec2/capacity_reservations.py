"""Capacity reservations and capacity blocks.

AWS: an on-demand reservation is active at once and lasts until it is cancelled or ends; a capacity block is
bought as an offer, is a reservation of type `capacity-block`, and lasts its days.
moto: knows neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.responses import EC2Response
from moto.ec2.utils import generic_filter, random_id

_GONE = ("cancelled", "expired", "failed")
_BLOCK_HOURS = 24


class CapacityReservation(TaggedEC2Resource):
    """A reservation as the API describes it; its attributes have the API's names in snake case."""

    def __init__(self, ec2: EC2Backend, **given: Any) -> None:
        self.ec2_backend = ec2
        self.id = random_id(prefix="cr")
        self.capacity_reservation_id = self.id
        self.owner_id = ec2.account_id
        self.capacity_reservation_arn = (
            f"arn:{ec2.partition}:ec2:{ec2.region_name}:{ec2.account_id}:capacity-reservation/{self.id}"
        )
        self.instance_type: str = given["instance_type"]
        self.instance_platform: str = given["platform"]
        self.availability_zone: str = given["zone"].name
        self.availability_zone_id: str = given["zone"].zone_id
        self.total_instance_count: int = given["count"]
        self.available_instance_count: int = given["count"]
        self.tenancy: str = given.get("tenancy") or "default"
        self.ebs_optimized: bool = given.get("ebs_optimized", False)
        self.ephemeral_storage = False
        self.reservation_type: str = given.get("kind", "default")
        self.instance_match_criteria: str = given.get("criteria") or "open"
        self.start_date: datetime = utcnow()
        self.create_date = self.start_date
        self.end_date: datetime | None = given.get("end_date")
        self.end_date_type = "limited" if self.end_date else "unlimited"
        self.state = "active"

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags, under the name that the answer has."""
        return self.get_tags()


def of(ec2: Any) -> dict[str, CapacityReservation]:
    """The reservations of an account and region, gone ones included."""
    if not hasattr(ec2, "sandbox_reservations"):
        ec2.sandbox_reservations = {}
    found: dict[str, CapacityReservation] = ec2.sandbox_reservations
    for reservation in found.values():
        if reservation.state == "active" and reservation.end_date and reservation.end_date <= utcnow():
            reservation.state = "expired"
    return found


def living(ec2: Any) -> Iterator[CapacityReservation]:
    """Those that still hold capacity."""
    return (found for found in of(ec2).values() if found.state not in _GONE)


def mend() -> None:
    """Add the actions."""
    for name, action in (
        ("create_capacity_reservation", _create),
        ("describe_capacity_reservations", _describe),
        ("modify_capacity_reservation", _modify),
        ("cancel_capacity_reservation", _cancel),
        ("describe_capacity_block_offerings", _offers),
        ("purchase_capacity_block", _purchase),
    ):
        setattr(EC2Response, name, action)


def _zone(self: Any) -> Any:
    name, zone_id = self._get_param("AvailabilityZone"), self._get_param("AvailabilityZoneId")
    for zone in self.ec2_backend.describe_availability_zones():
        if name == zone.name or (zone_id and zone_id == zone.zone_id):
            return zone
    raise EC2ClientError("InvalidParameterValue", f"Invalid availability zone: [{name or zone_id}]")


def _offered(self: Any, instance_type: str, zone_id: str) -> bool:
    wanted = {"instance-type": [instance_type], "location": [zone_id]}
    return bool(self.ec2_backend.describe_instance_type_offerings("availability-zone-id", wanted))


def _keep(self: Any, **given: Any) -> CapacityReservation:
    made = CapacityReservation(self.ec2_backend, **given)
    of(self.ec2_backend)[made.id] = made
    made.add_tags(self._parse_tag_specification().get("capacity-reservation", {}))
    return made


def _create(self: Any) -> ActionResult:
    self.error_on_dryrun()
    zone, instance_type = _zone(self), self._get_param("InstanceType")
    if not _offered(self, instance_type, zone.zone_id):
        raise EC2ClientError(
            "Unsupported",
            f"The requested configuration is currently not supported. {instance_type} is not offered in {zone.name}.",
        )
    end_date = self._get_param("EndDate") if self._get_param("EndDateType") == "limited" else None
    made = _keep(
        self,
        instance_type=instance_type,
        platform=self._get_param("InstancePlatform"),
        zone=zone,
        count=int(self._get_param("InstanceCount")),
        tenancy=self._get_param("Tenancy"),
        ebs_optimized=self._get_bool_param("EbsOptimized", False),
        criteria=self._get_param("InstanceMatchCriteria"),
        end_date=end_date,
    )
    return ActionResult({"CapacityReservation": made})


def _find(self: Any) -> CapacityReservation:
    key = self._get_param("CapacityReservationId")
    found = of(self.ec2_backend).get(key)
    if found is None:
        raise EC2ClientError(
            "InvalidCapacityReservationId.NotFound", f"The capacity reservation '{key}' does not exist."
        )
    return found


def _describe(self: Any) -> ActionResult:
    self.error_on_dryrun()
    known, ids = of(self.ec2_backend), self._get_param("CapacityReservationIds", [])
    for key in ids:
        if key not in known:
            raise EC2ClientError(
                "InvalidCapacityReservationId.NotFound", f"The capacity reservation '{key}' does not exist."
            )
    chosen = [known[key] for key in ids] if ids else list(known.values())
    return ActionResult({"CapacityReservations": generic_filter(self._filters_from_querystring(), chosen)})


def _modify(self: Any) -> ActionResult:
    self.error_on_dryrun()
    found = _find(self)
    if found.state != "active":
        raise EC2ClientError("InvalidState", f"The capacity reservation '{found.id}' is not active.")
    if count := self._get_int_param("InstanceCount"):
        found.available_instance_count += count - found.total_instance_count
        found.total_instance_count = count
    if kind := self._get_param("EndDateType"):
        found.end_date = self._get_param("EndDate") if kind == "limited" else None
        found.end_date_type = kind
    return ActionResult({"Return": True})


def _cancel(self: Any) -> ActionResult:
    self.error_on_dryrun()
    found = _find(self)
    if found.reservation_type == "capacity-block":
        raise EC2ClientError("Unsupported", "You cannot cancel a Capacity Block.")
    found.state, found.available_instance_count = "cancelled", 0
    return ActionResult({"Return": True})


def _offers(self: Any) -> ActionResult:
    self.error_on_dryrun()
    instance_type, count = self._get_param("InstanceType"), self._get_int_param("InstanceCount", 1)
    hours = self._get_int_param("CapacityDurationHours", _BLOCK_HOURS)
    offers = [
        {
            "CapacityBlockOfferingId": f"cb-{instance_type}.{zone.zone_id}.{count}.{hours}",
            "InstanceType": instance_type,
            "AvailabilityZone": zone.name,
            "InstanceCount": count,
            "StartDate": utcnow(),
            "EndDate": utcnow() + timedelta(hours=hours),
            "CapacityBlockDurationHours": hours,
            "UpfrontFee": "0.0",
            "CurrencyCode": "USD",
            "Tenancy": "default",
        }
        for zone in self.ec2_backend.describe_availability_zones()
        if _offered(self, instance_type, zone.zone_id)
    ]
    return ActionResult({"CapacityBlockOfferings": offers})


def _purchase(self: Any) -> ActionResult:
    self.error_on_dryrun()
    offer = str(self._get_param("CapacityBlockOfferingId"))
    try:
        instance_type, zone_id, count, hours = offer.removeprefix("cb-").rsplit(".", 3)
        (zone,) = self.ec2_backend.describe_availability_zones(zone_ids=[zone_id])
    except ValueError as error:
        raise EC2ClientError("InvalidParameterValue", f"The offering '{offer}' does not exist.") from error
    made = _keep(
        self,
        instance_type=instance_type,
        platform=self._get_param("InstancePlatform"),
        zone=zone,
        count=int(count),
        kind="capacity-block",
        criteria="targeted",
        end_date=utcnow() + timedelta(hours=int(hours)),
    )
    return ActionResult({"CapacityReservation": made})
