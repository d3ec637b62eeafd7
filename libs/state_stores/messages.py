"""`StateLocation` out of the contract's message, and back."""

from provisioning.state.v1 import state_backend_pb2 as messages

from libs.state_stores.location import StateLocation, StoreKind

_PREFIX = "STATE_STORE_KIND_"


def location_of(message: messages.StateLocation) -> StateLocation:
    """The location that a request carries; one of an earlier release, which says no kind, is S3."""
    name = messages.StateStoreKind.Name(message.kind).removeprefix(_PREFIX)
    kind = StoreKind.S3 if name == "UNSPECIFIED" else StoreKind(name)
    return StateLocation(
        message.bucket, message.key, message.region, kind, message.kms_key_arn, message.dynamodb_table
    )  # fmt: skip


def location_message(location: StateLocation) -> messages.StateLocation:
    return messages.StateLocation(
        bucket=location.bucket,
        key=location.key,
        region=location.region,
        kind=f"{_PREFIX}{location.kind.value}",
        kms_key_arn=location.kms_key,
        dynamodb_table=location.dynamodb_table,
    )
