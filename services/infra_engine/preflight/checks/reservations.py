"""Capacity reservations and blocks."""

from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked, AskedGroup
from services.infra_engine.preflight.checks.region import used_zone_ids
from services.infra_engine.preflight.facts import Facts, Reservation, Unreadable
from services.infra_engine.preflight.findings import Finding
from services.infra_engine.stacks.aws.gpu import RESERVATION_LIKELY


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """RESERVATION_NOT_FOUND, _NOT_ACTIVE, _OF_OTHER_TYPE, _OF_OTHER_KIND, _ZONE_NOT_USED, _TOO_SMALL, _ADVISED."""
    if isinstance(facts.reservations, Unreadable):
        return
    for one in asked.groups:
        reservation_id = one.group.capacity_reservation_id
        field = f"{one.field}.capacity_reservation_id"
        if reservation_id is None:
            yield from _advised(one, field)
        elif reservation_id not in facts.reservations:
            yield Finding(
                "RESERVATION_NOT_FOUND",
                field,
                f"There is no capacity reservation {reservation_id} in the account and region.",
                "Give the id of one that the account has, or that is shared with it.",
            )
        else:
            yield from _check(one, field, facts.reservations[reservation_id], used_zone_ids(asked, facts))


def _advised(one: AskedGroup, field: str) -> Iterator[Finding]:
    if one.group.gpu_type in RESERVATION_LIKELY and one.group.max_size > 0:
        yield Finding(
            "RESERVATION_ADVISED",
            field,
            f"{one.group.gpu_type} is seldom to be had without a capacity reservation or block.",
            "Buy a capacity block or make a reservation, and give its id here.",
            blocking=False,
        )


def _check(one: AskedGroup, field: str, found: Reservation, zones: frozenset[str]) -> Iterator[Finding]:
    block = one.group.capacity_type == "CAPACITY_BLOCK"
    if found.state not in ("active", "scheduled") or (found.state == "scheduled" and not block):
        yield Finding(
            "RESERVATION_NOT_ACTIVE",
            field,
            f"The capacity reservation {found.id} is {found.state}.",
            "Give the id of an active one.",
        )
    elif found.state == "scheduled":
        yield Finding(
            "RESERVATION_NOT_ACTIVE",
            field,
            f"The capacity block {found.id} has not begun.",
            "Nodes come once it has; wait for it to save time.",
            blocking=False,
        )
    if block != (found.kind == "capacity-block"):
        yield Finding(
            "RESERVATION_OF_OTHER_KIND",
            f"{one.field}.capacity_type",
            f"{found.id} is a {'capacity block' if found.kind == 'capacity-block' else 'capacity reservation'}.",
            "Use CAPACITY_TYPE_CAPACITY_BLOCK with a capacity block, and with nothing else.",
        )
    if found.instance_type not in one.group.instance_types:
        yield Finding(
            "RESERVATION_OF_OTHER_TYPE",
            field,
            f"{found.id} is for {found.instance_type}, and the group launches {', '.join(one.group.instance_types)}.",
            f"Set instance_types to {found.instance_type}, or give another reservation.",
        )
    if zones and found.zone_id not in zones:
        yield Finding(
            "RESERVATION_ZONE_NOT_USED",
            field,
            f"{found.id} is in {found.zone_id}, and the subnets are in {', '.join(sorted(zones))}.",
            f"Use the zone: put {found.zone_id} into network.zone_ids, or give a subnet that is in it.",
        )
    if one.group.max_size > found.total:
        yield Finding(
            "RESERVATION_TOO_SMALL",
            field,
            f"{found.id} holds {found.total} instances, and the group may have {one.group.max_size}.",
            "Lower the group's max_size, or make the reservation larger.",
            number=one.group.max_size,
            limit=found.total,
            blocking=one.group.desired_size > found.total,
        )
