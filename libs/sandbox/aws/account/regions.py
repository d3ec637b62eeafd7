"""Which regions an account has opted in to.

AWS: the regions of before 2019 are always on; the others are off until EnableRegion, which takes minutes on
AWS and is done at once here.
"""

from __future__ import annotations

from functools import cache

ALWAYS_ON = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)

_opted_in: dict[str, set[str]] = {}


@cache
def known() -> tuple[str, ...]:
    """Names of AWS' regions (commercial ones), sorted."""
    from boto3 import Session

    return tuple(sorted({*Session().get_available_regions("ec2"), *ALWAYS_ON}))


def status(account_id: str, region: str) -> str | None:
    """The region's status in the words of the Account API; None when there is no such region."""
    if region not in known():
        return None
    if region in ALWAYS_ON:
        return "ENABLED_BY_DEFAULT"
    return "ENABLED" if region in _opted_in.get(account_id, ()) else "DISABLED"


def switch(account_id: str, region: str, on: bool) -> None:
    """Opt in to a region, or out of it. Can be repeated."""
    chosen = _opted_in.setdefault(account_id, set())
    if on:
        chosen.add(region)
    else:
        chosen.discard(region)
