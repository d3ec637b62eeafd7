"""Flow logs.

AWS: takes a log group by its ARN or by its name, and describes both; ends with what it watches.
moto: takes an ARN for a group that nobody has, and keeps a flow log whose VPC is gone.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend


def mend() -> None:
    """Know the group by either, and let go of what is deleted."""
    create, delete_vpc = EC2Backend.create_flow_logs, EC2Backend.delete_vpc

    def created(self: Any, **given: Any) -> Any:
        if (given.get("log_destination_type") or "cloud-watch-logs") == "cloud-watch-logs":
            arn, name = given.get("log_destination"), given.get("log_group_name")
            if arn and not name:
                given["log_group_name"] = arn.removesuffix(":*").rsplit(":log-group:", 1)[-1]
            elif name and not arn:
                given["log_destination"] = (
                    f"arn:{self.partition}:logs:{self.region_name}:{self.account_id}:log-group:{name}"
                )
        return create(self, **given)

    def deleted(self: Any, vpc_id: str) -> Any:
        answer = delete_vpc(self, vpc_id)
        for key, flow_log in list(self.flow_logs.items()):
            if flow_log.resource_id == vpc_id:
                del self.flow_logs[key]
        return answer

    EC2Backend.create_flow_logs = created  # type: ignore[method-assign, assignment]
    EC2Backend.delete_vpc = deleted  # type: ignore[method-assign]
