"""The HTTP layer of ElastiCache: botocore's model reads and writes the parameters."""

from __future__ import annotations

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from libs.sandbox.aws.elasticache import (
    catalog,
    members,
    parameter_groups,
    replication_changes,
    replication_groups,
    subnet_groups,
    users,
)
from libs.sandbox.aws.elasticache.models import elasticache_backends
from libs.sandbox.aws.elasticache.requests import CacheRequest, Operation

OPERATIONS: dict[str, Operation] = {
    **replication_groups.OPERATIONS,
    **replication_changes.OPERATIONS,
    **members.OPERATIONS,
    **parameter_groups.OPERATIONS,
    **subnet_groups.OPERATIONS,
    **users.OPERATIONS,
    **catalog.OPERATIONS,
}


class ElastiCacheResponse(BaseResponse):
    """Answers every action of ElastiCache."""

    def __init__(self) -> None:
        super().__init__(service_name="elasticache")
        self.automated_parameter_parsing = True

    def call_action(self) -> TYPE_RESPONSE:
        """Run the operation; one that ElastiCache has and the sandbox does not is NotImplemented."""
        action = self._get_action()
        operation = OPERATIONS.get(action)
        if operation is None:
            raise NotImplementedError(f"The sandbox's ElastiCache does not know {action}.")
        backend = elasticache_backends[self.current_account][self.region]
        try:
            return self.serialized(ActionResult(operation(CacheRequest(backend, dict(self.params)))))
        except ServiceException as error:
            return self.serialized(ActionResult(error))
