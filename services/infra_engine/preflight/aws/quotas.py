"""Service quotas as they are applied to the account."""

from collections.abc import Mapping
from typing import Any

from services.infra_engine.preflight.aws.clients import pages
from services.infra_engine.preflight.checks.counts import LIMITS
from services.infra_engine.preflight.checks.quotas import ADDRESSES, NAT_GATEWAYS, VPCS
from services.infra_engine.preflight.families import NAMES


def wanted() -> Mapping[str, frozenset[str]]:
    """The codes that are judged, by service."""
    services = {"ec2": {*NAMES, ADDRESSES}, "vpc": {VPCS, NAT_GATEWAYS}}
    for limit in LIMITS.values():
        services.setdefault(limit.service, set()).add(limit.code)
    return {name: frozenset(codes) for name, codes in services.items()}


def quotas(service_quotas: Any) -> dict[str, float]:
    """Values by code. One that was never raised may be missing among the applied ones: then AWS's default counts."""
    found: dict[str, float] = {}
    for service, codes in wanted().items():
        found |= _listed(service_quotas, "list_service_quotas", service)
        if missing := codes - found.keys():
            defaults = _listed(service_quotas, "list_aws_default_service_quotas", service)
            found |= {code: defaults[code] for code in missing & defaults.keys()}
    return found


def _listed(service_quotas: Any, operation: str, service: str) -> dict[str, float]:
    views = pages(service_quotas, operation, "Quotas", ServiceCode=service)
    return {view["QuotaCode"]: float(view["Value"]) for view in views}
