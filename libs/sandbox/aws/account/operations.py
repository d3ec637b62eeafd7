"""GetRegionOptStatus, ListRegions, EnableRegion, DisableRegion.

moto: knows contacts alone.
"""

from __future__ import annotations

import json
from typing import Any

from moto.account import urls
from moto.account.responses import AccountResponse
from moto.core.responses import ActionResult

from libs.sandbox.aws.account import regions
from libs.sandbox.aws.failures import AwsFailure

_ACTIONS = ("getRegionOptStatus", "listRegions", "enableRegion", "disableRegion")


def mend() -> None:
    """Add the actions and their paths."""
    for path in _ACTIONS:
        urls.url_paths[f"{{0}}/{path}$"] = AccountResponse.dispatch
    for name, action in (
        ("get_region_opt_status", _get),
        ("list_regions", _list),
        ("enable_region", _enable),
        ("disable_region", _disable),
    ):
        setattr(AccountResponse, name, action)


def _given(response: AccountResponse) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(response.body or "{}")
    if given.get("AccountId") not in (None, response.current_account):
        raise AwsFailure("AccessDeniedException", "The management account of an organization alone may name an account")
    return given


def _known(response: AccountResponse) -> tuple[str, str]:
    region = str(_given(response).get("RegionName"))
    found = regions.status(response.current_account, region)
    if found is None:
        raise AwsFailure("ValidationException", f"{region} is not a region of AWS")
    return region, found


def _get(self: AccountResponse) -> ActionResult:
    region, found = _known(self)
    return ActionResult({"RegionName": region, "RegionOptStatus": found})


def _list(self: AccountResponse) -> ActionResult:
    given = _given(self)
    wanted, size = given.get("RegionOptStatusContains"), int(given.get("MaxResults") or 50)
    start = int(given.get("NextToken") or 0)
    found = [
        {"RegionName": region, "RegionOptStatus": status}
        for region in regions.known()
        if (status := regions.status(self.current_account, region)) and (not wanted or status in wanted)
    ]
    answer: dict[str, Any] = {"Regions": found[start : start + size]}
    if start + size < len(found):
        answer["NextToken"] = str(start + size)
    return ActionResult(answer)


def _enable(self: AccountResponse) -> ActionResult:
    return _switch(self, on=True)


def _disable(self: AccountResponse) -> ActionResult:
    return _switch(self, on=False)


def _switch(self: AccountResponse, on: bool) -> ActionResult:
    region, found = _known(self)
    if found == "ENABLED_BY_DEFAULT":
        raise AwsFailure("ValidationException", f"{region} is enabled by default and cannot be switched")
    regions.switch(self.current_account, region, on)
    return ActionResult({})
