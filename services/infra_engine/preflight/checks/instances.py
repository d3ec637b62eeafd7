"""Whether the zones sell the node groups' instance types."""

from collections.abc import Iterator, Mapping

from services.infra_engine.preflight.asked import Asked, AskedGroup
from services.infra_engine.preflight.checks.region import used_zone_ids
from services.infra_engine.preflight.facts import Facts, Unreadable
from services.infra_engine.preflight.findings import Finding


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """INSTANCE_TYPE_NOT_OFFERED; not blocking where another type or another zone carries the group."""
    if isinstance(facts.offers, Unreadable):
        return
    zones = used_zone_ids(asked, facts)
    for one in asked.groups:
        wanted = frozenset({one.group.zone_id}) & zones if one.group.zone_id else zones
        if wanted:
            yield from _check_group(one, wanted, facts.offers, asked.stack_input.account.region)


def _check_group(
    one: AskedGroup, zones: frozenset[str], offers: Mapping[str, frozenset[str]], region: str
) -> Iterator[Finding]:
    carried = frozenset[str]().union(*(offers.get(name, frozenset()) for name in one.group.instance_types))
    for name in one.group.instance_types:
        sold = offers.get(name, frozenset())
        missing = zones - sold
        if not missing:
            continue
        others = ", ".join(sorted(sold)) or "none"
        what = f"{name} ({one.group.gpu_type})" if one.group.gpu_type else name
        remedy = (
            f"Set network.zone_ids so that {others} is among them, or choose another instance type."
            if sold
            else f"Choose another {'GPU or ' if one.group.gpu_type else ''}instance type, or another region."
        )
        yield Finding(
            "INSTANCE_TYPE_NOT_OFFERED",
            f"{one.field}.{'gpu_type' if one.group.gpu_type else 'instance_types'}",
            f"AWS does not sell {what} in {', '.join(sorted(missing))} of {region}; zones that have it: {others}.",
            remedy,
            number=len(zones & sold),
            limit=len(zones),
            blocking=not (carried & zones),
        )
