"""Whether RDS sells the database's class for its version, in enough zones, and the last snapshot's name is free."""

from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.checks.region import used_zone_ids
from services.infra_engine.preflight.facts import Facts, Unreadable
from services.infra_engine.preflight.findings import Finding


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """DATABASE_CLASS_NOT_OFFERED, FINAL_SNAPSHOT_EXISTS."""
    yield from _offered(asked, facts)
    name, kept = asked.names["final_snapshot"], asked.stack_input.postgres.keep_final_snapshot
    if kept and not isinstance(facts.snapshots, Unreadable) and name in facts.snapshots:
        yield Finding(
            "FINAL_SNAPSHOT_EXISTS",
            "data.postgres.final_snapshot",
            f"There is a database snapshot {name} already, the name under which this database's last one is to be"
            " kept: a delete would fail.",
            "Copy it to another name if it is still needed, and delete it.",
        )


def _offered(asked: Asked, facts: Facts) -> Iterator[Finding]:
    offer = facts.database
    if isinstance(offer, Unreadable):
        return
    postgres, region = asked.stack_input.postgres, asked.stack_input.account.region
    field = "data.postgres.instance_class" if postgres.instance_class else "data.postgres.size"
    what = f"{asked.database_class} for PostgreSQL {postgres.version}"
    remedy = "Set data.postgres.instance_class to one that RDS sells there, such as db.t4g.medium or db.r7g.large."
    if offer is None or (postgres.multi_az and not offer.multi_az):
        kind = " with a standby" if offer is not None else ""
        yield Finding("DATABASE_CLASS_NOT_OFFERED", field, f"RDS does not sell {what}{kind} in {region}.", remedy)
        return
    zones = () if isinstance(facts.zones, Unreadable) else facts.zones
    names = {zone.name for zone in zones if zone.id in used_zone_ids(asked, facts)}
    needed, there = (2 if postgres.multi_az else 1), len(names & offer.zones)
    if names and there < needed:
        yield Finding(
            "DATABASE_CLASS_NOT_OFFERED",
            field,
            f"RDS sells {what} in {there} of the zones {', '.join(sorted(names))}, and {needed} are needed.",
            remedy,
            number=there,
            limit=needed,
        )
