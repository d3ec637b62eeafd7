"""The sandbox's own HTTP API under `/sandbox/`: what AWS has no API for. JSON in, JSON out, no signature.

`POST /sandbox/accounts/{account_id}` gives the administrator's key (idempotent).
`GET /sandbox/accounts` lists the account ids.
`GET /sandbox/accounts/{account_id}/inventory` lists every resource of an account by service.
`POST /sandbox/faults` with `service`, `action`, `code`, `message`, `count`, `status`: the next calls fail so.
`DELETE /sandbox/faults` forgets the faults that have not come yet.
`GET /sandbox/accounts/{account_id}/actions` counts the IAM actions that roles' sessions called; DELETE forgets them.
`POST /sandbox/accounts/{account_id}/quotas` with `service`, `code`, `value` and perhaps `region` sets a quota.
`GET /sandbox/accounts/{account_id}/replication-groups/{region}/{id}/tokens` tells which tokens clients may use.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from libs.sandbox.aws import inventory
from libs.sandbox.aws.accounts import Accounts
from libs.sandbox.aws.faults import Fault, Faults
from libs.sandbox.aws.recorder import Calls


class AdminApi:
    """Answers the paths under `/sandbox/`. The caller holds the sandbox's lock."""

    def __init__(self, accounts: Accounts, faults: Faults, calls: Calls) -> None:
        self._accounts = accounts
        self._faults = faults
        self._calls = calls

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
            case ["GET", "accounts", account_id, "actions"]:
                return 200, {"actions": self._calls.of_account(account_id)}
            case ["DELETE", "accounts", account_id, "actions"]:
                self._calls.reset(account_id)
                return 200, {}
            case ["POST", "accounts", account_id, "quotas"]:
                return _grant(account_id, body)
            case ["GET", "accounts", account_id, "replication-groups", region, name, "tokens"]:
                return _tokens(account_id, region, name)
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


def _grant(account_id: str, body: bytes) -> tuple[int, dict[str, Any]]:
    from libs.sandbox.aws.servicequotas import applied

    try:
        given = json.loads(body)
        service, code, value = str(given["service"]), str(given["code"]), float(given["value"])
        region = str(given.get("region", ""))
    except (ValueError, KeyError, TypeError) as error:
        return 400, {"error": f"A quota needs service, code and value as JSON ({error!r})."}
    applied.grant(account_id, region, service, code, value)
    return 200, {"service": service, "code": code, "value": value, "region": region}


def _tokens(account_id: str, region: str, name: str) -> tuple[int, dict[str, Any]]:
    from libs.sandbox.aws.elasticache.models import elasticache_backends

    group = elasticache_backends[account_id][region].replication_groups.get(name)
    if group is None:
        return 404, {"error": f"Account {account_id} has no replication group {name} in {region}."}
    return 200, {"tokens": group.auth_tokens, "without_token": group.open_to_all}
