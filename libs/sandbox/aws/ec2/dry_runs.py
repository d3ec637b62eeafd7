"""DryRun.

AWS: a call with DryRun changes nothing and fails with DryRunOperation when it would have been allowed.
moto: many actions, CreateVpc among them, do their work all the same.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import DryRunClientError
from moto.ec2.responses import EC2Response


def mend() -> None:
    """Answer before any action runs."""
    original = EC2Response.call_action

    def call_action(self: Any) -> Any:
        if self._get_bool_param("DryRun", False):
            return self.serialized(ActionResult(DryRunClientError()))
        return original(self)

    EC2Response.call_action = call_action  # type: ignore[method-assign]
