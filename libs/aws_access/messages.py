"""`AwsAccess` out of the contract's message."""

from provisioning.environment.v1 import hand_over_pb2

from libs.aws_access.access import AwsAccess
from libs.failures import Actor, Failure, Kind


def access_of(message: hand_over_pb2.AwsAccess) -> AwsAccess:
    """The access that a request carries. Raises Failure (ACCESS_INVALID) for what AWS could never accept."""
    try:
        return AwsAccess(
            account_id=message.account_id,
            region=message.region,
            role_arn=message.role_arn,
            external_id=message.external_id,
        )
    except ValueError as error:
        raise Failure(
            "ACCESS_INVALID",
            f"The document's access to AWS cannot work: {error}.",
            kind=Kind.INVALID_ARGUMENT,
            actor=Actor.CUSTOMER,
            remedy="Correct the document's `cloud` part.",
        ) from error
