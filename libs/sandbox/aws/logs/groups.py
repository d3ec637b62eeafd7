"""What goes with a log group, and who else makes one.

AWS: a group's tags go with it; a cluster whose control plane writes logs makes its own group when nobody did,
and leaves it behind.
moto: a group that is made again has the tags of the one before.
"""

from __future__ import annotations

from typing import Any

from moto.logs.models import LogsBackend


def mend() -> None:
    """Forget the tags with the group."""
    original = LogsBackend.delete_log_group

    def delete(self: LogsBackend, log_group_name: str) -> None:
        group = self.groups.get(log_group_name)
        original(self, log_group_name)
        if group is not None:
            self.tagger.delete_all_tags_for_resource(group.arn)

    LogsBackend.delete_log_group = delete  # type: ignore[method-assign]


def ensure(account_id: str, region: str, name: str) -> None:
    """Make a group on a service's behalf when there is none."""
    from libs.sandbox.aws.moto_apps import mend as mend_service

    mend_service("logs")
    from moto.logs.models import logs_backends

    backend: Any = logs_backends[account_id][region]
    backend.ensure_log_group(name)
