"""Values that differ from AWS's defaults, as support would have granted them: set through the admin API."""

from __future__ import annotations

from libs.sandbox.aws.servicequotas.defaults import Quota

_granted: dict[tuple[str, str, str, str], float] = {}
"""By account, region (empty: all), service and code. Every access is under the sandbox's lock."""


def grant(account_id: str, region: str, service: str, code: str, value: float) -> None:
    """Set a quota of an account; `region` empty sets it in all that have no value of their own."""
    _granted[account_id, region, service, code] = value


def value(account_id: str, region: str, quota: Quota) -> float:
    """What the account has in the region."""
    for where in (region, ""):
        found = _granted.get((account_id, where, quota.service, quota.code))
        if found is not None:
            return found
    return quota.value
