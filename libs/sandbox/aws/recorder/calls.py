"""Counts the IAM actions of calls, one set an account."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from libs.sandbox.aws.actions import action_of
from libs.sandbox.aws.callers import Caller
from libs.sandbox.aws.recorder import implied, names
from libs.sandbox.aws.recorder.parameters import parameters_of

log = logging.getLogger(__name__)


class Calls:
    """What roles' sessions called, by account. Used under the sandbox's lock."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def record(self, caller: Caller, service: str, region: str, environ: dict[str, Any], body: bytes) -> None:
        """Count a call of a role's session; a user's, such as the administrator's, is not counted.

        `service` is the signing name. A call whose action nothing tells is counted as `<service>:?`, so that it is
        never overlooked. What AWS asks for besides the call's own action is counted with it.
        """
        if caller.session_token is None:
            return
        counts = self._counts.setdefault(caller.account_id, Counter())
        operation = action_of(service, environ, body)
        if operation is None:
            counts[f"{names.prefix(service)}:?"] += 1
            log.warning("no action is known for %s %s", environ["REQUEST_METHOD"], environ.get("PATH_INFO"))
            return
        parameters = parameters_of(service, environ, body)
        for action in names.actions(service, operation, parameters):
            counts[action] += 1
        for action in implied.actions(service, operation, parameters, caller.account_id, region):
            counts[action] += 1

    def of_account(self, account_id: str) -> dict[str, int]:
        """Count by action, in the order of their names."""
        return dict(sorted(self._counts.get(account_id, Counter()).items()))

    def reset(self, account_id: str) -> None:
        """Forget what the account's roles called."""
        self._counts.pop(account_id, None)
