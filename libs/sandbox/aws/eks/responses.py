"""The HTTP layer of EKS: botocore's model names the action and reads and writes its parameters."""

from __future__ import annotations

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from libs.sandbox.aws.eks import access_entries, addons, catalog, cluster_updates, clusters, node_groups, pod_identities
from libs.sandbox.aws.eks.models import eks_backends
from libs.sandbox.aws.eks.requests import EksRequest, Operation

OPERATIONS: dict[str, Operation] = {
    **clusters.OPERATIONS,
    **cluster_updates.OPERATIONS,
    **node_groups.OPERATIONS,
    **addons.OPERATIONS,
    **access_entries.OPERATIONS,
    **pod_identities.OPERATIONS,
    **catalog.OPERATIONS,
}


class EksResponse(BaseResponse):
    """Answers every path of EKS."""

    def __init__(self) -> None:
        super().__init__(service_name="eks")
        self.automated_parameter_parsing = True

    def call_action(self) -> TYPE_RESPONSE:
        """Run the operation; one that EKS has and the sandbox does not is NotImplemented."""
        action = self._get_action()
        operation = OPERATIONS.get(action)
        if operation is None:
            raise NotImplementedError(f"The sandbox's EKS does not know {action or self.path}.")
        caller = self.normalized_request.environ["sandbox.caller"]
        request = EksRequest(
            backend=eks_backends[self.current_account][self.region],
            parameters={**self.uri_match, **self.params},
            principal_arn=caller.principal_arn,
        )
        try:
            return self.serialized(ActionResult(operation(request)))
        except ServiceException as error:
            return self.serialized(ActionResult(error))
