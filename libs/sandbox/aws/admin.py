"""The sandbox's own HTTP API under `/sandbox/`: what AWS has no API for. JSON in, JSON out, no signature.

`POST /sandbox/accounts/{account_id}` gives the administrator's key (idempotent).
`GET /sandbox/accounts` lists the account ids.
`GET /sandbox/accounts/{account_id}/inventory` lists every resource of an account by service.
`POST /sandbox/faults` with `service`, `action`, `code`, `message`, `count`, `status`: the next calls fail so.
`DELETE /sandbox/faults` forgets the faults that have not come yet.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from libs.sandbox.aws import inventory
from libs.sandbox.aws.accounts import Accounts
from libs.sandbox.aws.faults import Fault, Faults


class AdminApi:
    """Answers the paths under `/sandbox/`. The caller holds the sandbox's lock."""

    def __init__(self, accounts: Accounts, faults: Faults) -> None:
        self._accounts = accounts
        self._faults = faults

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and JSON body for a request."""
        match [method, *path.strip("/").split("/")[1:]]:
            case ["GET", "accounts"]:
                return 200, {"account_ids": list(self._accounts.list())}
            case ["POST", "accounts", account_id]:
                return self._create_account(account_id)
            case ["GET", "accounts", account_id, "inventory"]:
                resources = inventory.of_account(account_id)
                return 200, {"total": sum(map(len, resources.values())), "resources": resources}
            case ["POST", "faults"]:
                return self._order_fault(body)
            case ["DELETE", "faults"]:
                self._faults.clear()
                return 200, {}
        return 404, {"error": f"The sandbox has no {method} {path}; docs/sandbox.md lists what it has."}

    def _create_account(self, account_id: str) -> tuple[int, dict[str, Any]]:
        try:
            return 200, asdict(self._accounts.create(account_id))
        except ValueError as error:
            return 400, {"error": str(error)}

    def _order_fault(self, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            given = json.loads(body)
            fault = Fault(
                service=str(given["service"]).lower(),
                action=str(given["action"]),
                code=str(given["code"]),
                message=str(given.get("message", "A fault that was ordered.")),
                count=int(given.get("count", 1)),
                status=int(given.get("status", 400)),
            )
        except (ValueError, KeyError, TypeError) as error:
            return 400, {"error": f"A fault needs service, action and code as JSON ({error!r})."}
        if fault.count < 1:
            return 400, {"error": "A fault's count must be at least 1."}
        self._faults.order(fault)
        return 200, asdict(fault)
