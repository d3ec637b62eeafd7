"""Checks that could not be made."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.facts import Facts, Unreadable
from services.infra_engine.preflight.findings import Finding


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """CHECK_NOT_MADE, once an action; it stops nothing."""
    role = asked.stack_input.account.role_arn
    missed: defaultdict[Unreadable, list[str]] = defaultdict(list)
    for one in fields(facts):
        value = getattr(facts, one.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Unreadable):
                words = _WORDS.get(one.name, one.name)
                missed[part] += [words] if words not in missed[part] else []
    for unreadable, what in missed.items():
        why = f"{role} may not do {unreadable.action}" if unreadable.denied else f"{unreadable.action} failed"
        yield Finding(
            "CHECK_NOT_MADE",
            "cloud.role_arn",
            f"Not checked: {', '.join(what)}, because {why} ({unreadable.code}).",
            f"Allow {unreadable.action} to the role to have it checked." if unreadable.denied else "Try again later.",
            blocking=False,
        )


_WORDS = {
    "region_opt_in": "the region",
    "zones": "zones",
    "offers": "instance types",
    "vcpus": "sizes of instance types",
    "database": "the database's class",
    "snapshots": "the database's final snapshot",
    "reservations": "capacity reservations",
    "quotas": "service quotas",
    "usage": "what is in use",
    "vpcs": "VPCs",
    "subnets": "subnets",
    "taken": "names",
    "counted": "what is in use",
    "cache_type": "the cache's node type",
    "kubernetes": "Kubernetes versions",
    "cluster": "the existing cluster",
    "control_plane": "the cluster's version",
    "neighbours": "other environments in the cluster",
    "denied": "the role's permissions",
    "key": "the KMS key",
    "state_key": "the state's KMS key",
    "boundary": "the permissions boundary",
    "oidc_providers": "OIDC providers",
}
